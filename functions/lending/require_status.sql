-- What may be done with a loan depends on its status.
CREATE OR REPLACE FUNCTION lending.require_status(
    p_loan lending.loans,
    p_allowed lending.loan_status[]
)
RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_loan.status <> ALL (p_allowed) THEN
        RAISE EXCEPTION 'loan % is %', p_loan.loan_no, p_loan.status
        USING ERRCODE = 'ZO031',
            DETAIL = format('This needs one that is %s.', array_to_string(p_allowed, ' or ')),
            HINT = 'See lending.status_changes for what became of it.';
    END IF;
END;
$$;
COMMENT ON FUNCTION lending.require_status(lending.loans, lending.loan_status[]) IS
'Raises ZO031 unless the loan has one of the statuses. Internal: after lending.lock_loan.';
