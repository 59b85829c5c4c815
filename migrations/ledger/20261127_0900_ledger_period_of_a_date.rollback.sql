ALTER TABLE ledger.fiscal_periods
DROP CONSTRAINT fiscal_periods_starts_on_key,
ADD CONSTRAINT fiscal_periods_starts_on_key UNIQUE (tenant_id, business_id, kind, starts_on);
