-- Daily job: interest accrues.
CREATE OR REPLACE PROCEDURE lending.accrue_interest(
    p_business_code text DEFAULT NULL,
    p_through date DEFAULT NULL,
    INOUT p_count bigint DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.run_jobs');
    p_count := (lending.run_days(p_tenant_id, p_business_code, p_through)).accrued;
END;
$$;
COMMENT ON PROCEDURE lending.accrue_interest(text, date, bigint, integer) IS  -- noqa: LT01
'Counts each day that was missed through p_through (NULL: today) for the loans of a business '
'(NULL: of all businesses of the token). A day is counted as a whole, interest, fees, penalties '
'and what is late, whichever job comes first; the next finds nothing left of it. p_count: how '
'many times a loan bore interest on a day. Needs lending.run_jobs. Raises ZI001 to ZI007, ZI009 '
'to ZI011 (token, business, permission), ZO050 (p_through is still to come), and what posting the '
'events raises.';
