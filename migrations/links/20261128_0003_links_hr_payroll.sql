-- Payroll pays employees that there are.
-- depends: 20261127_2050_payroll_setup 20261127_2040_hr_employees
-- links: hr payroll

-- Employees are few: checking them takes no time that anybody would notice.
ALTER TABLE payroll.employee_cache
-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid
ADD CONSTRAINT employee_cache_employee_fkey FOREIGN KEY (tenant_id, business_id, employee_id)
REFERENCES hr.employees (tenant_id, business_id, id) ON DELETE RESTRICT;
COMMENT ON CONSTRAINT employee_cache_employee_fkey ON payroll.employee_cache IS
'Where hr is in the same database. Elsewhere employee_id is a logical reference.';
COMMENT ON COLUMN payroll.employee_cache.employee_id IS 'hr.employees.id.';
