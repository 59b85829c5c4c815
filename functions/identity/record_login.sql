-- A user has signed in.
CREATE OR REPLACE FUNCTION identity.record_login(p_subject text, p_tenant_id integer DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_count bigint;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'identity.sign_in');
    PERFORM identity.require_permission('identity.sign_in');
    UPDATE identity.users AS u
    SET last_login = now()
    WHERE u.tenant_id = p_tenant_id AND u.subject = p_subject AND u.is_active;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    IF v_count = 0 THEN
        RAISE EXCEPTION 'no such active user: %', coalesce(p_subject, 'NULL')
        USING ERRCODE = 'ZI012',
            HINT = 'See identity.users.';
    END IF;
END;
$$;
COMMENT ON FUNCTION identity.record_login(text, integer) IS
'Sets last_login of an active user. For the service that signs users in: its token names the '
'permission identity.sign_in. Raises ZI001 to ZI004, ZI009 to ZI011 (token, permission), ZI012 '
'(no such active user).';
