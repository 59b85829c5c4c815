-- The tables whose rows are for few, and the permission that reading them takes.
CREATE OR REPLACE FUNCTION core.read_permissions()
RETURNS TABLE (table_name text, permission text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    VALUES
    ('hr.salaries', 'payroll.read'),
    ('payroll.calendars', 'payroll.read'),
    ('payroll.employee_cache', 'payroll.read'),
    ('payroll.enrolments', 'payroll.read'),
    ('payroll.opening_balance_items', 'payroll.read'),
    ('payroll.opening_balances', 'payroll.read'),
    ('payroll.payroll_records', 'payroll.read'),
    ('payroll.record_items', 'payroll.read'),
    ('payroll.run_items', 'payroll.read'),
    ('payroll.runs', 'payroll.read'),
    ('payroll.salary_cache', 'payroll.read'),
    ('payroll.summary_dues', 'payroll.read')
$$;
COMMENT ON FUNCTION core.read_permissions() IS
'The tables that clients read only with a permission besides tenant and business: '
'core.secure_table puts it into their policies, and into that of the log of changes. Whoever '
'changes the list applies sql/policies again.';
