-- A user by the subject of its tokens, to be changed by who may as much.
CREATE OR REPLACE FUNCTION identity.lock_user(p_tenant_id integer, p_subject text)
RETURNS identity.users
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_user identity.users;
    v_rights identity.subject_rights;
BEGIN
    SELECT u.* INTO v_user
    FROM identity.users AS u
    WHERE u.tenant_id = p_tenant_id AND u.subject = p_subject
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such user: %', coalesce(p_subject, 'NULL')
        USING ERRCODE = 'ZI012',
            HINT = 'See identity.users; identity.create_user makes one.';
    END IF;
    SELECT r.* INTO v_rights
    FROM identity.subject_rights AS r
    WHERE r.digest = identity.subject_digest(p_tenant_id, v_user.subject);
    PERFORM identity.require_covering(v_rights.permissions, v_rights.business);
    RETURN v_user;
END;
$$;
COMMENT ON FUNCTION identity.lock_user(integer, text) IS
'The user with that subject, locked, if the caller may all that the user may. Internal: for '
'functions that have entered the tenant. Raises ZI012 (no such user), ZI013 (the user may more).';
