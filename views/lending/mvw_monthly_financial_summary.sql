-- requires: lending.monthly_movements
CREATE MATERIALIZED VIEW lending.mvw_monthly_financial_summary AS
SELECT
    m.tenant_id,
    m.business_id,
    m.currency_code,
    m.month,
    m.loans_disbursed,
    m.disbursed,
    m.payments,
    m.cash_received,
    m.principal_repaid,
    m.interest_paid,
    m.fees_paid,
    m.penalties_paid,
    m.interest_charged,
    m.fees_charged,
    m.penalties_charged,
    m.waived,
    m.written_off,
    m.recovered,
    m.refunded,
    m.allowance_change,
    m.closing_principal
FROM lending.monthly_movements() AS m;
CREATE UNIQUE INDEX mvw_monthly_financial_summary_idx
ON lending.mvw_monthly_financial_summary (tenant_id, business_id, currency_code, month);
COMMENT ON MATERIALIZED VIEW lending.mvw_monthly_financial_summary IS
'What loans brought and cost each month, by the days on which the books have it, as of the last '
'lending.refresh_summary. All tenants: read it through lending.monthly_summary.';
