ALTER TABLE payroll.employee_cache DROP CONSTRAINT employee_cache_employee_fkey;
COMMENT ON COLUMN payroll.employee_cache.employee_id IS 'hr.employees.id, a logical reference.';
