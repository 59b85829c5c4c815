-- Bring the monthly summary up to date; those who read it meanwhile see the state before.
CREATE OR REPLACE FUNCTION lending.refresh_summary()
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    REFRESH MATERIALIZED VIEW CONCURRENTLY lending.mvw_monthly_financial_summary;
END;
$$;
COMMENT ON FUNCTION lending.refresh_summary() IS
'Refreshes lending.mvw_monthly_financial_summary, for all tenants, without locking out readers. '
'Internal: for an operator who is a member of pgerp_owner, such as pgerp_migrator, on a schedule.';
