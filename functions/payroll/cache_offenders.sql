-- Where payroll knows something else of an employee than hr does.
CREATE OR REPLACE FUNCTION payroll.cache_offenders()
RETURNS TABLE (tenant_id integer, employee_id uuid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Only where both are in one database: elsewhere the cache may be behind.
    IF to_regclass('hr.employees') IS NULL THEN
        RETURN;
    END IF;
    -- Dynamic, since hr need not be here.
    RETURN QUERY EXECUTE $sql$
        WITH theirs AS (
            SELECT
                e.tenant_id,
                e.id AS employee_id,
                jsonb_build_array(
                    e.business_id, e.employee_no, e.name, e.title, d.code, m.employee_no,
                    e.status, e.hired_on, e.terminated_on, e.version, (
                        SELECT jsonb_agg(
                            jsonb_build_array(s.effective_from, s.amount, s.unit, s.currency_code)
                            ORDER BY s.effective_from
                        )
                        FROM hr.salaries AS s
                        WHERE s.tenant_id = e.tenant_id AND s.employee_id = e.id
                    )
                ) AS known
            FROM hr.employees AS e
            INNER JOIN hr.departments AS d
                ON d.tenant_id = e.tenant_id AND d.id = e.department_id
            LEFT JOIN hr.employees AS m ON m.tenant_id = e.tenant_id AND m.id = e.manager_id
        ),

        ours AS (
            SELECT
                c.tenant_id,
                c.employee_id,
                jsonb_build_array(
                    c.business_id, c.employee_no, c.name, c.title, c.department_code,
                    c.manager_no, c.status, c.hired_on, c.terminated_on, c.version, (
                        SELECT jsonb_agg(
                            jsonb_build_array(s.effective_from, s.amount, s.unit, s.currency_code)
                            ORDER BY s.effective_from
                        )
                        FROM payroll.salary_cache AS s
                        WHERE s.tenant_id = c.tenant_id AND s.employee_id = c.employee_id
                    )
                ) AS known
            FROM payroll.employee_cache AS c
        )

        SELECT
            coalesce(t.tenant_id, o.tenant_id),
            coalesce(t.employee_id, o.employee_id)
        FROM theirs AS t
        FULL JOIN ours AS o ON o.tenant_id = t.tenant_id AND o.employee_id = t.employee_id
        WHERE t.known IS DISTINCT FROM o.known
    $sql$;
END;
$$;
COMMENT ON FUNCTION payroll.cache_offenders() IS
'The employees of whom payroll.employee_cache or salary_cache says something else than hr; none '
'where hr is not in this database. Internal: for sql/checks.';
