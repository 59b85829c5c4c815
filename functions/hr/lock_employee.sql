-- An employee by number, locked until the transaction ends.
CREATE OR REPLACE FUNCTION hr.lock_employee(
    p_tenant_id integer,
    p_business_id integer,
    p_employee_no text
)
RETURNS hr.employees
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_employee hr.employees;
BEGIN
    SELECT e.* INTO v_employee
    FROM hr.employees AS e
    WHERE e.tenant_id = p_tenant_id
        AND e.business_id = p_business_id
        AND e.employee_no = p_employee_no
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such employee: %', coalesce(p_employee_no, 'NULL')
        USING ERRCODE = 'ZH001',
            HINT = 'See hr.employees for the numbers; hr.hire_employee makes one.';
    END IF;
    RETURN v_employee;
END;
$$;
COMMENT ON FUNCTION hr.lock_employee(integer, integer, text) IS
'The employee of a business with that number, its row locked. Internal. Raises ZH001 (no such '
'employee).';
