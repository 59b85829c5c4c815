-- A branch of a business, new or changed.
CREATE OR REPLACE FUNCTION lending.save_branch(
    p_business_code text,
    p_code text,
    p_name text DEFAULT NULL,
    p_is_active boolean DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_id uuid;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.configure');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    UPDATE lending.branches AS b
    SET name = coalesce(p_name, b.name),
        is_active = coalesce(p_is_active, b.is_active)
    WHERE b.tenant_id = p_tenant_id AND b.business_id = v_business.id AND b.code = p_code
    RETURNING b.id INTO v_id;
    IF NOT FOUND THEN
        INSERT INTO lending.branches (tenant_id, business_id, code, name, is_active)
        VALUES (p_tenant_id, v_business.id, p_code, p_name, coalesce(p_is_active, true))
        RETURNING id INTO v_id;
    END IF;
    RETURN v_id;
END;
$$;
COMMENT ON FUNCTION lending.save_branch(text, text, text, boolean, integer) IS
'Makes a branch of a business, which needs p_name and is active, or changes what is given of it; '
'returns its id. Needs lending.configure. Raises ZI001 to ZI007, ZI009 to ZI011 (token, business, '
'permission), 23502, 23514 (p_code, p_name), 23505 (made by somebody else at the same time).';
