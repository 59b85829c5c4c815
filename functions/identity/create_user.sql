-- A new user of the tenant; without roles and businesses it may nothing.
CREATE OR REPLACE FUNCTION identity.create_user(
    p_subject text,
    p_name text,
    p_email text DEFAULT NULL,
    p_all_businesses boolean DEFAULT false,
    p_tenant_id integer DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_id uuid := core.uuid_v7();
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'identity.manage_users');
    IF p_all_businesses THEN
        PERFORM identity.require_covering('[]', '"*"');
    END IF;
    INSERT INTO identity.users (tenant_id, id, subject, name, email, all_businesses)
    VALUES (p_tenant_id, v_id, p_subject, p_name, p_email, p_all_businesses);
    RETURN v_id;
END;
$$;
COMMENT ON FUNCTION identity.create_user(text, text, text, boolean, integer) IS
'Makes a user and returns its id. p_subject is the claim sub of its tokens, letter by letter; '
'from now on those tokens may only what the user may, also those issued before. '
'p_all_businesses: every business, those to come too. Needs identity.manage_users. Raises ZI001 '
'to ZI004, ZI009 to ZI011 (token, permission), ZI013 (all businesses are more than the '
'caller''s own), 23502, 23514 (malformed), 23505 (subject taken).';
