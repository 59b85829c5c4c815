-- End a user's tokens, those already issued too.
CREATE OR REPLACE FUNCTION identity.deactivate_user(
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
    SET is_active = false
    WHERE u.tenant_id = p_tenant_id AND u.id = v_user.id;
END;
$$;
COMMENT ON FUNCTION identity.deactivate_user(text, integer) IS
'Makes a user inactive: from the commit on every token of the user is refused with ZI009, by '
'functions and by row security. Needs identity.manage_users. Raises ZI001 to ZI004, ZI009 to '
'ZI011 (token, permission), ZI012 (no such user), ZI013 (the user may more than the caller).';
