-- Daily job: what is overdue, and since when.
CREATE OR REPLACE PROCEDURE lending.age_arrears(
    p_business_code text DEFAULT NULL,
    p_through date DEFAULT NULL,
    INOUT p_count bigint DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_done record;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.run_jobs');
    v_done := lending.run_days(p_tenant_id, p_business_code, p_through);
    SELECT count(*) INTO p_count
    FROM lending.loan_balances AS b
    WHERE b.tenant_id = p_tenant_id
        AND b.loan_id = ANY (v_done.loan_ids)
        AND b.days_past_due > 0;
END;
$$;
COMMENT ON PROCEDURE lending.age_arrears(text, date, bigint, integer) IS  -- noqa: LT01
'Counts days as lending.accrue_interest does, and sets p_count to how many loans are past due '
'then: lending.loan_balances has overdue, days_past_due and oldest_unpaid_due_on. Needs '
'lending.run_jobs. Raises what that raises.';
