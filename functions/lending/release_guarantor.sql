-- Have somebody answer for a loan no more.
CREATE OR REPLACE FUNCTION lending.release_guarantor(
    p_loan_id uuid,
    p_customer_id uuid,
    p_released_on date DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_loan lending.loans;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.originate');
    v_loan := lending.lock_loan(p_tenant_id, p_loan_id);
    UPDATE lending.guarantors AS g
    SET released_on = lending.require_day(
            v_loan, p_released_on, v_loan.applied_on, 'The first day after applying'
        )
    WHERE g.tenant_id = p_tenant_id
        AND g.loan_id = p_loan_id
        AND g.customer_id = p_customer_id
        AND g.released_on IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such guarantor of loan %', v_loan.loan_no
        USING ERRCODE = 'ZO036',
            HINT = 'See lending.guarantors for who answers for it.';
    END IF;
END;
$$;
COMMENT ON FUNCTION lending.release_guarantor(uuid, uuid, date, integer) IS
'Has a guarantor answer for a loan no more from p_released_on (NULL: today) on. Needs '
'lending.originate. Raises ZI001 to ZI004, ZI009 to ZI011 (token, permission), ZO010 (no such '
'loan), ZO036 (no such guarantor, or released), ZO039 (before the application).';
