-- Who leads a department.
CREATE OR REPLACE FUNCTION hr.set_department_manager(
    p_business_code text,
    p_department_code text,
    p_employee_no text,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_department hr.departments;
    v_manager_id uuid;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'hr.manage_employees');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    v_department := hr.department_of(p_tenant_id, v_business.id, p_department_code);
    IF p_employee_no IS NOT NULL THEN
        v_manager_id := hr.manager_of(p_tenant_id, v_business.id, p_employee_no);
    END IF;
    UPDATE hr.departments AS d
    SET manager_id = v_manager_id
    WHERE d.tenant_id = p_tenant_id AND d.id = v_department.id;
END;
$$;
COMMENT ON FUNCTION hr.set_department_manager(text, text, text, integer) IS
'Has an employee lead a department; NULL: nobody does. Needs hr.manage_employees. Raises ZI001 to '
'ZI007, ZI009 to ZI011 (token, business, permission), ZH001 (no such employee), ZH002 (no such '
'department), ZH003 (terminated).';
