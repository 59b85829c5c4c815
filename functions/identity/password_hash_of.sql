-- The hash that a password is compared with.
CREATE OR REPLACE FUNCTION identity.password_hash_of(
    p_subject text,
    p_tenant_id integer DEFAULT NULL
)
RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'identity.sign_in');
    PERFORM identity.require_permission('identity.sign_in');
    RETURN (
        SELECT c.password_hash
        FROM identity.users AS u
        INNER JOIN identity.credentials AS c ON u.tenant_id = c.tenant_id AND u.id = c.user_id
        WHERE u.tenant_id = p_tenant_id AND u.subject = p_subject AND u.is_active
    );
END;
$$;
COMMENT ON FUNCTION identity.password_hash_of(text, integer) IS
'The hash of an active user''s password; NULL when there is no such user or no password. For '
'the service that signs users in: its token names the permission identity.sign_in, which no '
'standard role has. Raises ZI001 to ZI004, ZI009 to ZI011 (token, permission).';
