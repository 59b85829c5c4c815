-- A raise, or a cut, from a day on.
CREATE OR REPLACE FUNCTION hr.change_salary(
    p_business_code text,
    p_employee_no text,
    p_amount numeric,
    p_effective_from date,
    p_unit text DEFAULT 'month',
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
    PERFORM hr.require_exact(p_amount);
    INSERT INTO hr.salaries AS s (
        tenant_id, business_id, employee_id, effective_from, amount, unit, currency_code, reason
    )
    VALUES (
        p_tenant_id, v_business.id, v_employee.id, p_effective_from, p_amount,
        p_unit::hr.salary_unit, v_business.currency_code, p_reason
    )
    ON CONFLICT (tenant_id, employee_id, effective_from) DO UPDATE
    SET
        amount = excluded.amount,
        unit = excluded.unit,
        reason = excluded.reason;
    -- Whoever knows an older version knows an older salary.
    UPDATE hr.employees AS e
    SET version = coalesce(p_version, e.version)
    WHERE e.tenant_id = p_tenant_id AND e.id = v_employee.id;
    RETURN hr.emit_employee(p_tenant_id, v_employee.id, 'hr.employee_salary_changed');
END;
$$;
COMMENT ON FUNCTION hr.change_salary(
    text, text, numeric, date, text, text, integer, integer
) IS
'Sets what an employee earns from a day on, past or to come; a salary from the same day is '
'corrected, which audit.log keeps. p_amount: per p_unit (month or year), in the currency of the '
'business, at most 4 decimals. Returns the new version of the employee. Emits '
'hr.employee_salary_changed. Needs hr.manage_employees. Raises ZI001 to ZI007, ZI009 to ZI011 '
'(token, business, permission), ZH001 (no such employee), ZH004 (before the hiring, or after the '
'last day), ZK001 (changed meanwhile), 22003 (amount), 22P02 (unit), 23502, 23514 (malformed).';
