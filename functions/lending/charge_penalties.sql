-- Daily job: penalties are charged for what is overdue.
CREATE OR REPLACE PROCEDURE lending.charge_penalties(
    p_business_code text DEFAULT NULL,
    p_through date DEFAULT NULL,
    INOUT p_count bigint DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.run_jobs');
    p_count := (lending.run_days(p_tenant_id, p_business_code, p_through)).penalised;
END;
$$;
COMMENT ON PROCEDURE lending.charge_penalties(text, date, bigint, integer) IS  -- noqa: LT01
'Counts days as lending.accrue_interest does, and sets p_count to how many times a loan was '
'charged penalties on a day. Needs lending.run_jobs. Raises what that raises.';
