CREATE OR REPLACE TRIGGER salary_cache_refuse_truncate
BEFORE TRUNCATE ON payroll.salary_cache
FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_truncate('payroll.salary_cache');
COMMENT ON TRIGGER salary_cache_refuse_truncate ON payroll.salary_cache IS
'What hr said last would be lost.';
