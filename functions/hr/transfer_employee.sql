-- An employee goes to another department.
CREATE OR REPLACE FUNCTION hr.transfer_employee(
    p_business_code text,
    p_employee_no text,
    p_department_code text,
    p_effective_on date,
    p_title text DEFAULT NULL,
    p_manager_no text DEFAULT NULL,
    p_reason text DEFAULT NULL,
    p_version integer DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_employee hr.employees;
    v_department hr.departments;
    v_manager_id uuid;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'hr.manage_employees');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    v_employee := hr.lock_employee(p_tenant_id, v_business.id, p_employee_no);
    v_department := hr.department_of(p_tenant_id, v_business.id, p_department_code);
    v_manager_id := v_employee.manager_id;
    IF p_manager_no IS NOT NULL THEN
        v_manager_id := hr.manager_of(p_tenant_id, v_business.id, p_manager_no);
    END IF;
    UPDATE hr.employees AS e
    SET
        department_id = v_department.id,
        title = coalesce(p_title, e.title),
        manager_id = v_manager_id,
        effective_on = p_effective_on,
        change_reason = p_reason,
        version = coalesce(p_version, e.version)
    WHERE e.tenant_id = p_tenant_id AND e.id = v_employee.id;
    RETURN hr.emit_employee(p_tenant_id, v_employee.id, 'hr.employee_transferred');
END;
$$;
COMMENT ON FUNCTION hr.transfer_employee(
    text, text, text, date, text, text, text, integer, integer
) IS
'Moves an employee to a department from a day on; with p_title and p_manager_no also to another '
'title or manager. Promotions are transfers to the same department. p_version: the version that '
'was read; NULL: whatever it is. Returns the new version. Emits hr.employee_transferred. Needs '
'hr.manage_employees. Raises ZI001 to ZI007, ZI009 to ZI011 (token, business, permission), ZH001 '
'(no such employee or manager), ZH002 (no such department), ZH003 (terminated), ZH004 (before '
'the last change), ZK001 (changed meanwhile), 23502, 23514 (malformed).';
