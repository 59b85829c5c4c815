-- Row security holds for the owner too, so it enters each tenant.
DO $do$
DECLARE
    v_tenant integer;
BEGIN
    FOR v_tenant IN SELECT t.id FROM identity.tenants AS t ORDER BY t.id LOOP
        PERFORM set_config('pgerp.tenant_id', v_tenant::text, true);
        DELETE FROM identity.role_permissions AS p
        WHERE p.tenant_id = v_tenant
            AND p.permission IN (
                'payroll.prepare', 'payroll.approve', 'payroll.pay', 'payroll.reverse'
            );
    END LOOP;
END;
$do$;
DELETE FROM identity.permissions AS p
WHERE p.code IN ('payroll.prepare', 'payroll.approve', 'payroll.pay', 'payroll.reverse');
DROP TABLE payroll.enrolments;
DROP TABLE payroll.salary_cache;
DROP TABLE payroll.employee_cache;
DROP TABLE payroll.calendars;
DROP TABLE payroll.tax_rates;
DROP DOMAIN payroll.rounding_unit;
DROP DOMAIN payroll.rate;
DROP TYPE payroll.rate_base;
DROP TYPE payroll.rate_window;
DROP TYPE payroll.component;
DROP TYPE payroll.frequency;
DROP SCHEMA payroll;
