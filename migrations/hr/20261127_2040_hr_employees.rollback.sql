-- Row security holds for the owner too, so it enters each tenant.
DO $do$
DECLARE
    v_tenant integer;
BEGIN
    FOR v_tenant IN SELECT t.id FROM identity.tenants AS t ORDER BY t.id LOOP
        PERFORM set_config('pgerp.tenant_id', v_tenant::text, true);
        DELETE FROM identity.role_permissions AS p
        WHERE p.tenant_id = v_tenant AND p.permission = 'hr.manage_employees';
    END LOOP;
END;
$do$;
DELETE FROM identity.permissions AS p
WHERE p.code = 'hr.manage_employees';
DROP TABLE hr.employee_history;
DROP TABLE hr.salaries;
ALTER TABLE hr.departments DROP CONSTRAINT departments_manager_fkey;
DROP TABLE hr.employees;
DROP TABLE hr.departments;
DROP DOMAIN hr.salary_amount;
DROP TYPE hr.salary_unit;
DROP TYPE hr.employment_status;
DROP SCHEMA hr;
