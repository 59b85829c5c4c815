-- requires: ledger.monthly_movements
CREATE MATERIALIZED VIEW ledger.mv_monthly_balances AS
SELECT
    m.tenant_id,
    m.business_id,
    m.month,
    m.account_type,
    m.debit,
    m.credit
FROM ledger.monthly_movements() AS m;
CREATE UNIQUE INDEX mv_monthly_balances_idx
ON ledger.mv_monthly_balances (tenant_id, business_id, month, account_type);
COMMENT ON MATERIALIZED VIEW ledger.mv_monthly_balances IS
'What moved each month (the one in which the period begins) per business and type of account, '
'without the entries that close a year, as of the last ledger.refresh_dashboards. All tenants: '
'read it through ledger.dashboard_monthly.';
