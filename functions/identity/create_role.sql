-- A new role with its permissions.
CREATE OR REPLACE FUNCTION identity.create_role(
    p_code text,
    p_name text,
    p_permissions text[] DEFAULT '{}',
    p_tenant_id integer DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_id uuid := core.uuid_v7();
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'identity.manage_users');
    PERFORM identity.require_covering(to_jsonb(p_permissions), '[]');
    INSERT INTO identity.roles (tenant_id, id, code, name)
    VALUES (p_tenant_id, v_id, p_code, p_name);
    INSERT INTO identity.role_permissions (tenant_id, role_id, permission)
    SELECT DISTINCT p_tenant_id, v_id, p.code
    FROM unnest(p_permissions) AS p (code);
    RETURN v_id;
END;
$$;
COMMENT ON FUNCTION identity.create_role(text, text, text[], integer) IS
'Makes a role and returns its id; p_permissions are codes of identity.permissions. Needs '
'identity.manage_users. Raises ZI001 to ZI004, ZI009 to ZI011 (token, permission), ZI013 (a '
'permission that the caller lacks), 23503 (no such permission), 23502, 23514 (malformed), 23505 '
'(code taken).';
