-- Take a role from a user.
CREATE OR REPLACE FUNCTION identity.revoke_role(
    p_subject text,
    p_role text,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_role identity.roles;
    v_user identity.users;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'identity.manage_users');
    v_role := identity.lock_role(p_tenant_id, p_role);
    v_user := identity.lock_user(p_tenant_id, p_subject);
    DELETE FROM identity.user_roles AS r
    WHERE r.tenant_id = p_tenant_id AND r.user_id = v_user.id AND r.role_id = v_role.id;
END;
$$;
COMMENT ON FUNCTION identity.revoke_role(text, text, integer) IS
'Takes a role from a user; it counts from the commit on, also for tokens already issued. '
'Nothing changes if that is so already. Needs identity.manage_users. Raises ZI001 to ZI004, '
'ZI009 to ZI011 (token, permission), ZI012 (no such user), ZI013 (the role or the user may more '
'than the caller), ZI014 (no such role).';
