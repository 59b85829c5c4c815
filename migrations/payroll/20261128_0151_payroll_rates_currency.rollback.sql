ALTER TABLE payroll.tax_rates DROP COLUMN currency_code;
