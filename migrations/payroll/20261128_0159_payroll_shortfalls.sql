-- What the law would withhold of pay that is too little for it.
-- depends: 20261128_0151_payroll_rates_currency

ALTER TABLE payroll.record_items ADD COLUMN shortfall core.turnover NOT NULL DEFAULT 0;
COMMENT ON COLUMN payroll.record_items.shortfall IS
'Of statutory items: what is due besides amount and was not withheld, since the pay is too little.';
-- All rows have the default.
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE payroll.record_items ADD CONSTRAINT record_items_shortfall_check
CHECK (shortfall = 0 OR (shortfall > 0 AND kind = 'statutory'));
