-- Let a user work again, with new tokens.
CREATE OR REPLACE FUNCTION identity.reactivate_user(
    p_subject text,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_user identity.users;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'identity.manage_users');
    v_user := identity.lock_user(p_tenant_id, p_subject);
    UPDATE identity.users AS u
    SET is_active = true
    WHERE u.tenant_id = p_tenant_id AND u.id = v_user.id;
END;
$$;
COMMENT ON FUNCTION identity.reactivate_user(text, integer) IS
'Makes a user active again. Tokens from before stay refused: only those count whose claim iat '
'is not before this transaction. Needs identity.manage_users. Raises ZI001 to ZI004, ZI009 to '
'ZI011 (token, permission), ZI012 (no such user), ZI013 (the user may more than the caller).';
