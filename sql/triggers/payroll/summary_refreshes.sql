CREATE OR REPLACE TRIGGER summary_refreshes_refuse_truncate
BEFORE TRUNCATE ON payroll.summary_refreshes
FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_truncate('payroll.summary_refreshes');
COMMENT ON TRIGGER summary_refreshes_refuse_truncate ON payroll.summary_refreshes IS
'Nobody would know how old a summary is.';
