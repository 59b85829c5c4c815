-- A group of borrowers, new or changed.
CREATE OR REPLACE FUNCTION lending.save_group(
    p_business_code text,
    p_code text,
    p_name text DEFAULT NULL,
    p_branch_code text DEFAULT NULL,
    p_is_active boolean DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_branch_id uuid;
    v_id uuid;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.originate');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    v_branch_id := lending.branch_of(v_business, p_branch_code);
    UPDATE lending.groups AS g
    SET name = coalesce(p_name, g.name),
        branch_id = coalesce(v_branch_id, g.branch_id),
        is_active = coalesce(p_is_active, g.is_active)
    WHERE g.tenant_id = p_tenant_id AND g.business_id = v_business.id AND g.code = p_code
    RETURNING g.id INTO v_id;
    IF NOT FOUND THEN
        INSERT INTO lending.groups (tenant_id, business_id, code, name, branch_id, is_active)
        VALUES (
            p_tenant_id, v_business.id, p_code, p_name, v_branch_id, coalesce(p_is_active, true)
        )
        RETURNING id INTO v_id;
    END IF;
    RETURN v_id;
END;
$$;
COMMENT ON FUNCTION lending.save_group(text, text, text, text, boolean, integer) IS
'Makes a group of borrowers, which needs p_name and is active, or changes what is given of it; '
'returns its id. Needs lending.originate. Raises ZI001 to ZI007, ZI009 to ZI011 (token, business, '
'permission), ZO036, ZO037 (no such branch; inactive), 23502, 23514 (p_code, p_name), 23505 (made '
'by somebody else at the same time).';
