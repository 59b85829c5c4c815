DROP VIEW IF EXISTS payroll.payslips;
ALTER TABLE payroll.record_items DROP COLUMN shortfall;
