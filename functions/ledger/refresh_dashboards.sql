-- Bring the dashboards up to date; those who read them meanwhile see the state before.
CREATE OR REPLACE FUNCTION ledger.refresh_dashboards()
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    REFRESH MATERIALIZED VIEW CONCURRENTLY ledger.mv_monthly_balances;
    REFRESH MATERIALIZED VIEW CONCURRENTLY ledger.mv_daily_cash;
END;
$$;
COMMENT ON FUNCTION ledger.refresh_dashboards() IS
'Refreshes the materialized views of the dashboards, for all tenants, without locking out readers. '
'Internal: for an operator who is a member of pgerp_owner, such as pgerp_migrator, on a schedule.';
