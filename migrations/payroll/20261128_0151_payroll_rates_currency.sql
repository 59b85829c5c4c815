-- In which currency the amounts of a rate are: brackets of dollars are not put to shillings.
-- depends: 20261128_0150_payroll_opening_balances

ALTER TABLE payroll.tax_rates ADD COLUMN currency_code core.currency_code;
COMMENT ON COLUMN payroll.tax_rates.currency_code IS
'The currency of its amounts, which calendars that pay by it have; NULL: it has none.';
UPDATE payroll.tax_rates
SET currency_code = CASE jurisdiction WHEN 'KE' THEN 'KES' ELSE 'USD' END
WHERE jurisdiction = 'KE' OR (jurisdiction || '-') LIKE 'US-%';
-- Some dozens of rows: they are looked at in no time.
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE payroll.tax_rates ADD CONSTRAINT tax_rates_currency_check CHECK (
    currency_code IS NOT NULL
    OR (from_amount = 0 AND to_amount IS NULL AND fixed_amount = 0 AND minimum_amount = 0)
);
