DROP FUNCTION IF EXISTS payroll.require_rates(integer, payroll.runs, payroll.calendars);
ALTER TABLE payroll.record_items
DROP COLUMN base_before,
DROP COLUMN amount_before,
DROP COLUMN employer_amount_before;
DROP TABLE payroll.opening_balance_items;
DROP TABLE payroll.opening_balances;
