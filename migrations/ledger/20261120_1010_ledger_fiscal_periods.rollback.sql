DROP TABLE ledger.fiscal_periods;
DROP TABLE ledger.fiscal_years;
DROP TYPE ledger.period_status;
