-- A role by its code, to be changed or given by who may as much.
CREATE OR REPLACE FUNCTION identity.lock_role(p_tenant_id integer, p_role text)
RETURNS identity.roles
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_role identity.roles;
BEGIN
    SELECT r.* INTO v_role
    FROM identity.roles AS r
    WHERE r.tenant_id = p_tenant_id AND r.code = p_role
    FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such role: %', coalesce(p_role, 'NULL')
        USING ERRCODE = 'ZI014',
            HINT = 'See identity.roles; identity.create_role makes one.';
    END IF;
    PERFORM identity.require_covering(
        (
            SELECT coalesce(jsonb_agg(p.permission), '[]')
            FROM identity.role_permissions AS p
            WHERE p.tenant_id = p_tenant_id AND p.role_id = v_role.id
        ),
        '[]'
    );
    RETURN v_role;
END;
$$;
COMMENT ON FUNCTION identity.lock_role(integer, text) IS
'The role with that code, locked, if the caller may all that the role may. Internal: for functions '
'that have entered the tenant. Raises ZI013 (the role may more), ZI014 (no such role).';
