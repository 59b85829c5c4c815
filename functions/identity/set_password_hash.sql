-- Keep the hash of a user's password.
CREATE OR REPLACE FUNCTION identity.set_password_hash(
    p_subject text,
    p_password_hash text,
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
    INSERT INTO identity.credentials AS c (tenant_id, user_id, password_hash)
    VALUES (p_tenant_id, v_user.id, p_password_hash)
    ON CONFLICT (tenant_id, user_id) DO UPDATE SET password_hash = excluded.password_hash;
END;
$$;
COMMENT ON FUNCTION identity.set_password_hash(text, text, integer) IS
'Keeps the hash of a user''s password, instead of the one before; see the domain '
'identity.password_hash for the formats. Needs identity.manage_users. Raises ZI001 to ZI004, '
'ZI009 to ZI011 (token, permission), ZI012 (no such user), ZI013 (the user may more than the '
'caller), 23502, 23514 (no hash of a known format).';
