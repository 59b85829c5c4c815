-- Employment ends.
CREATE OR REPLACE FUNCTION hr.terminate_employee(
    p_business_code text,
    p_employee_no text,
    p_last_day date,
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
    PERFORM hr.require_status(v_employee, '{active, on_leave}');
    UPDATE hr.employees AS e
    SET
        status = 'terminated',
        terminated_on = p_last_day,
        effective_on = greatest(e.effective_on, p_last_day),
        change_reason = p_reason,
        version = coalesce(p_version, e.version)
    WHERE e.tenant_id = p_tenant_id AND e.id = v_employee.id;
    RETURN hr.emit_employee(p_tenant_id, v_employee.id, 'hr.employee_terminated');
END;
$$;
COMMENT ON FUNCTION hr.terminate_employee(text, text, date, text, integer, integer) IS
'Ends employment with a last day, which may be to come: until then the employee is paid. The '
'number is not used again; who comes back is hired under another. p_version: the version that was '
'read; NULL: whatever it is. Returns the new version. Emits hr.employee_terminated. Needs '
'hr.manage_employees. Raises ZI001 to ZI007, ZI009 to ZI011 (token, business, permission), ZH001 '
'(no such employee), ZH003 (terminated already), ZK001 (changed meanwhile), 23514 (before the '
'hiring, or no date).';
