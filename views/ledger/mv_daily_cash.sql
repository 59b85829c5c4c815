-- requires: ledger.daily_cash_movements
CREATE MATERIALIZED VIEW ledger.mv_daily_cash AS
SELECT
    m.tenant_id,
    m.business_id,
    m.entry_date,
    m.debit,
    m.credit
FROM ledger.daily_cash_movements() AS m;
CREATE UNIQUE INDEX mv_daily_cash_idx
ON ledger.mv_daily_cash (tenant_id, business_id, entry_date);
COMMENT ON MATERIALIZED VIEW ledger.mv_daily_cash IS
'What came into and went out of the cash accounts each day, per business, as of the last '
'ledger.refresh_dashboards. All tenants: read it through ledger.dashboard_daily_cash.';
