-- A person has another name.
CREATE OR REPLACE FUNCTION hr.rename_employee(
    p_business_code text,
    p_employee_no text,
    p_name text,
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
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'hr.manage_employees');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    v_employee := hr.lock_employee(p_tenant_id, v_business.id, p_employee_no);
    UPDATE hr.employees AS e
    SET
        name = p_name,
        change_reason = p_reason,
        version = coalesce(p_version, e.version)
    WHERE e.tenant_id = p_tenant_id AND e.id = v_employee.id;
    RETURN hr.emit_employee(p_tenant_id, v_employee.id, 'hr.employee_renamed');
END;
$$;
COMMENT ON FUNCTION hr.rename_employee(text, text, text, text, integer, integer) IS
'Gives an employee another name. p_version: the version that was read; NULL: whatever it is. '
'Returns the new version. Emits hr.employee_renamed. Needs hr.manage_employees. Raises ZI001 to '
'ZI007, ZI009 to ZI011 (token, business, permission), ZH001 (no such employee), ZK001 (changed '
'meanwhile), 23502, 23514 (malformed).';
