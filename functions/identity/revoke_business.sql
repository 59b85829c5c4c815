-- Let a user work for a business no more.
CREATE OR REPLACE FUNCTION identity.revoke_business(
    p_subject text,
    p_business_code text,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_user identity.users;
    v_business identity.businesses;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'identity.manage_users');
    v_user := identity.lock_user(p_tenant_id, p_subject);
    IF p_business_code = '*' THEN
        PERFORM identity.require_covering('[]', '"*"');
        UPDATE identity.users AS u
        SET all_businesses = false
        WHERE u.tenant_id = p_tenant_id AND u.id = v_user.id;
        RETURN;
    END IF;
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    DELETE FROM identity.user_businesses AS b
    WHERE b.tenant_id = p_tenant_id AND b.user_id = v_user.id AND b.business_id = v_business.id;
END;
$$;
COMMENT ON FUNCTION identity.revoke_business(text, text, integer) IS
'Takes a business from a user; p_business_code ''*'': for all, those to come too (those granted '
'by name stay). It counts from the commit on, also for tokens already issued. Needs '
'identity.manage_users. Raises ZI001 to ZI004, ZI009 to ZI011 (token, permission), ZI005 to '
'ZI007 (business), ZI012 (no such user), ZI013 (more than the caller''s own).';
