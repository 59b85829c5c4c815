CREATE OR REPLACE TRIGGER summary_dues_refuse_truncate
BEFORE TRUNCATE ON payroll.summary_dues
FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_truncate('payroll.summary_dues');
COMMENT ON TRIGGER summary_dues_refuse_truncate ON payroll.summary_dues IS
'What is due would be forgotten.';
