-- Take a permission from a role.
CREATE OR REPLACE FUNCTION identity.revoke_permission(
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
    v_role := identity.lock_role(p_tenant_id, p_role);
    DELETE FROM identity.role_permissions AS p
    WHERE p.tenant_id = p_tenant_id AND p.role_id = v_role.id AND p.permission = p_permission;
END;
$$;
COMMENT ON FUNCTION identity.revoke_permission(text, text, integer) IS
'Takes a permission from a role; its users lose it at the commit. Nothing changes if it has it '
'not. Needs identity.manage_users. Raises ZI001 to ZI004, ZI009 to ZI011 (token, permission), '
'ZI013 (the role may more than the caller), ZI014 (no such role).';
