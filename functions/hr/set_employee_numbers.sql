-- Social security, identity card and bank account of an employee, encrypted by the application.
CREATE OR REPLACE FUNCTION hr.set_employee_numbers(
    p_business_code text,
    p_employee_no text,
    p_numbers jsonb,
    p_version integer DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_employee hr.employees;
    v_new hr.employees;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'hr.manage_employees');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    v_employee := hr.lock_employee(p_tenant_id, v_business.id, p_employee_no);
    PERFORM hr.require_numbers(p_numbers);
    v_new := jsonb_populate_record(v_employee, p_numbers);
    UPDATE hr.employees AS e
    SET
        social_security_encrypted = v_new.social_security_encrypted,
        social_security_hash = v_new.social_security_hash,
        national_id_encrypted = v_new.national_id_encrypted,
        national_id_hash = v_new.national_id_hash,
        bank_account_encrypted = v_new.bank_account_encrypted,
        bank_account_hash = v_new.bank_account_hash,
        version = coalesce(p_version, e.version)
    WHERE e.tenant_id = p_tenant_id AND e.id = v_employee.id;
    RETURN hr.emit_employee(p_tenant_id, v_employee.id, 'hr.employee_numbers_changed');
END;
$$;
COMMENT ON FUNCTION hr.set_employee_numbers(text, text, jsonb, integer, integer) IS
'Sets those encrypted columns of hr.employees, and their hashes, that p_numbers names: '
'{"bank_account_encrypted": "…", "bank_account_hash": "…"}. p_version: the version that was read; '
'NULL: whatever it is. Returns the new version. Emits hr.employee_numbers_changed, which says '
'nothing of the numbers. Needs hr.manage_employees. Raises ZI001 to ZI007, ZI009 to ZI011 (token, '
'business, permission), ZH001 (no such employee), ZK001 (changed meanwhile), 22023 (unknown '
'column), 23514 (not encrypted, or without its hash).';
