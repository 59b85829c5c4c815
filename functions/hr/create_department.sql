-- A new department of a business.
CREATE OR REPLACE FUNCTION hr.create_department(
    p_business_code text,
    p_code text,
    p_name text,
    p_budget_code text DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_id uuid := core.uuid_v7();
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'hr.manage_employees');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    INSERT INTO hr.departments (tenant_id, id, business_id, code, name, budget_code)
    VALUES (p_tenant_id, v_id, v_business.id, p_code, p_name, p_budget_code);
    RETURN v_id;
END;
$$;
COMMENT ON FUNCTION hr.create_department(text, text, text, text, integer) IS
'Makes a department and returns its id. p_budget_code: its budget in ledger.budgets. Needs '
'hr.manage_employees. Raises ZI001 to ZI007, ZI009 to ZI011 (token, business, permission), 23502, '
'23514 (malformed), 23505 (code taken).';
