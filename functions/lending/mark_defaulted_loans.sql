-- Daily job: loans that are too late are in default.
CREATE OR REPLACE PROCEDURE lending.mark_defaulted_loans(
    p_days integer DEFAULT 90,
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
    PERFORM lending.require_days(ARRAY[p_days]);
    v_done := lending.run_days(p_tenant_id, p_business_code, p_through);
    p_count := lending.default_loans(p_tenant_id, v_done.loan_ids, p_days);
END;
$$;
COMMENT ON PROCEDURE
lending.mark_defaulted_loans(integer, text, date, bigint, integer) IS  -- noqa: LT01
'Counts days as lending.accrue_interest does, and marks as defaulted the loans that are more than '
'p_days past due then, since the first day on which they were. p_count: how many. Needs '
'lending.run_jobs. Raises what that raises, and 22023 (p_days is not from 1 to 36600).';
