-- The employee whom others are to report to.
CREATE OR REPLACE FUNCTION hr.manager_of(
    p_tenant_id integer,
    p_business_id integer,
    p_employee_no text
)
RETURNS uuid
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_manager hr.employees;
BEGIN
    SELECT e.* INTO v_manager
    FROM hr.employees AS e
    WHERE e.tenant_id = p_tenant_id
        AND e.business_id = p_business_id
        AND e.employee_no = p_employee_no;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such employee: %', coalesce(p_employee_no, 'NULL')
        USING ERRCODE = 'ZH001',
            HINT = 'See hr.employees for the numbers.';
    ELSIF v_manager.status = 'terminated' THEN
        RAISE EXCEPTION 'employee % is terminated and leads nobody', p_employee_no
        USING ERRCODE = 'ZH003',
            HINT = 'Name somebody who is employed.';
    END IF;
    RETURN v_manager.id;
END;
$$;
COMMENT ON FUNCTION hr.manager_of(integer, integer, text) IS
'The id of the employee of a business who is to lead others. Internal. Raises ZH001 (no such '
'employee), ZH003 (terminated).';
