-- Mark as defaulted the loans that are too late.
CREATE OR REPLACE FUNCTION lending.default_loans(
    p_tenant_id integer,
    p_loan_ids uuid[],
    p_days integer
)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_count bigint;
BEGIN
    UPDATE lending.loans AS l
    SET status = 'defaulted', defaulted_on = b.oldest_unpaid_due_on + p_days + 1
    FROM lending.loan_balances AS b
    WHERE l.tenant_id = p_tenant_id
        AND l.id = ANY (p_loan_ids)
        AND l.status IN ('active', 'restructured')
        AND b.tenant_id = l.tenant_id
        AND b.loan_id = l.id
        AND b.days_past_due > p_days;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END;
$$;
COMMENT ON FUNCTION lending.default_loans(integer, uuid[], integer) IS
'Marks as defaulted those of p_loan_ids that are more than p_days past due and are not yet '
'marked, since the first day on which they were; returns how many. Internal: the loans are locked '
'(lending.lock_open_loans).';
