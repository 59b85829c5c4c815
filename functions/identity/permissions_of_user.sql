-- What a user may by its roles.
CREATE OR REPLACE FUNCTION identity.permissions_of_user(p_subject text)
RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT DISTINCT p.permission::text
    FROM identity.users AS u
    INNER JOIN identity.user_roles AS r ON u.tenant_id = r.tenant_id AND u.id = r.user_id
    INNER JOIN identity.role_permissions AS p
        ON r.tenant_id = p.tenant_id AND r.role_id = p.role_id
    WHERE u.tenant_id = identity.current_tenant() AND u.subject = p_subject AND u.is_active
    ORDER BY 1;
$$;
COMMENT ON FUNCTION identity.permissions_of_user(text) IS
'The permissions that the roles of an active user of the token''s tenant give, in order; none for '
'who is no user or inactive. Raises ZI002, ZI003, ZI009, ZI010 (token).';
