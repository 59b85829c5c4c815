-- Somebody is employed.
CREATE OR REPLACE FUNCTION hr.hire_employee(
    p_business_code text,
    p_employee_no text,
    p_name text,
    p_department_code text,
    p_hired_on date,
    p_salary numeric,
    p_salary_unit text DEFAULT 'month',
    p_title text DEFAULT NULL,
    p_manager_no text DEFAULT NULL,
    p_numbers jsonb DEFAULT '{}',
    p_tenant_id integer DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_department hr.departments;
    v_manager_id uuid;
    v_id uuid := core.uuid_v7();
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'hr.manage_employees');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    v_department := hr.department_of(p_tenant_id, v_business.id, p_department_code);
    IF p_manager_no IS NOT NULL THEN
        v_manager_id := hr.manager_of(p_tenant_id, v_business.id, p_manager_no);
    END IF;
    PERFORM hr.require_numbers(p_numbers);
    PERFORM hr.require_exact(p_salary);
    INSERT INTO hr.employees (
        tenant_id, id, business_id, employee_no, name, title, department_id, manager_id,
        hired_on, effective_on, social_security_encrypted, social_security_hash,
        national_id_encrypted, national_id_hash, bank_account_encrypted, bank_account_hash
    )
    VALUES (
        p_tenant_id, v_id, v_business.id, p_employee_no, p_name, p_title, v_department.id,
        v_manager_id, p_hired_on, p_hired_on,
        p_numbers ->> 'social_security_encrypted', p_numbers ->> 'social_security_hash',
        p_numbers ->> 'national_id_encrypted', p_numbers ->> 'national_id_hash',
        p_numbers ->> 'bank_account_encrypted', p_numbers ->> 'bank_account_hash'
    );
    INSERT INTO hr.salaries (
        tenant_id, business_id, employee_id, effective_from, amount, unit, currency_code
    )
    VALUES (
        p_tenant_id, v_business.id, v_id, p_hired_on, p_salary, p_salary_unit::hr.salary_unit,
        v_business.currency_code
    );
    PERFORM hr.emit_employee(p_tenant_id, v_id, 'hr.employee_hired');
    RETURN v_id;
END;
$$;
COMMENT ON FUNCTION hr.hire_employee(
    text, text, text, text, date, numeric, text, text, text, jsonb, integer
) IS
'Employs somebody from a day on and returns the employee''s id. p_salary: in the currency of the '
'business, per p_salary_unit (month or year), at most 4 decimals; p_numbers: the encrypted columns '
'of hr.employees and their hashes by name. Emits hr.employee_hired. Needs hr.manage_employees. '
'Raises ZI001 to ZI007, ZI009 to ZI011 (token, business, permission), ZH001 (no such manager), '
'ZH002 (no such department), ZH003 (manager terminated), 22003 (salary), 22P02 (unit), 22023 '
'(unknown number), 23502, 23514 (malformed), 23505 (number taken).';
