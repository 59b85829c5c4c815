-- Give a role a permission.
CREATE OR REPLACE FUNCTION identity.grant_permission(
    p_role text,
    p_permission text,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_role identity.roles;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'identity.manage_users');
    PERFORM identity.require_covering(jsonb_build_array(p_permission), '[]');
    v_role := identity.lock_role(p_tenant_id, p_role);
    INSERT INTO identity.role_permissions (tenant_id, role_id, permission)
    VALUES (p_tenant_id, v_role.id, p_permission)
    ON CONFLICT (tenant_id, role_id, permission) DO NOTHING;
END;
$$;
COMMENT ON FUNCTION identity.grant_permission(text, text, integer) IS
'Gives a role a permission; its users have it from the commit on. Nothing changes if it has it. '
'Needs identity.manage_users. Raises ZI001 to ZI004, ZI009 to ZI011 (token, permission), ZI013 '
'(the role or the permission is more than the caller''s own), ZI014 (no such role), 23503 (no '
'such permission).';
