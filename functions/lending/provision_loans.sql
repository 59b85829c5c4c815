-- Daily job: the allowance for expected loss follows how late loans are.
CREATE OR REPLACE PROCEDURE lending.provision_loans(
    p_business_code text DEFAULT NULL,
    p_through date DEFAULT NULL,
    INOUT p_count bigint DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.run_jobs');
    p_count := (lending.run_days(p_tenant_id, p_business_code, p_through, true)).provisioned;
END;
$$;
COMMENT ON PROCEDURE lending.provision_loans(text, date, bigint, integer) IS  -- noqa: LT01
'Counts days as lending.accrue_interest does, and at the end of each brings the allowance of each '
'loan to its outstanding principal times the rate of lending.provision_rates for its days past '
'due. A loan that was counted beyond a day already is provisioned for the last one only. p_count: '
'how many times the allowance of a loan changed. Needs lending.run_jobs. Raises what that raises.';
