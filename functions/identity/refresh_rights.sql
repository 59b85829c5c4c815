-- Bring what the tokens of a user may up to date.
CREATE OR REPLACE FUNCTION identity.refresh_rights(p_tenant_id integer, p_user_id uuid)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_user identity.users;
BEGIN
    -- Whoever changes the same user waits here, and reads what we wrote after our commit.
    SELECT u.* INTO v_user
    FROM identity.users AS u
    WHERE u.tenant_id = p_tenant_id AND u.id = p_user_id
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    INSERT INTO identity.subject_rights AS r (digest, valid_from, business, permissions)
    SELECT
        identity.subject_digest(p_tenant_id, v_user.subject),
        CASE WHEN v_user.is_active THEN '-infinity' ELSE 'infinity' END::timestamptz,
        CASE
            WHEN v_user.all_businesses THEN '"*"'
            ELSE (
                SELECT coalesce(jsonb_agg(b.business_id ORDER BY b.business_id), '[]')
                FROM identity.user_businesses AS b
                WHERE b.tenant_id = p_tenant_id AND b.user_id = p_user_id
            )
        END,
        (
            SELECT coalesce(
                jsonb_agg(DISTINCT p.permission::text COLLATE "C"
                    ORDER BY p.permission::text COLLATE "C"),
                '[]'
            )
            FROM identity.user_roles AS u
            INNER JOIN identity.role_permissions AS p
                ON p.tenant_id = u.tenant_id AND p.role_id = u.role_id
            WHERE u.tenant_id = p_tenant_id AND u.user_id = p_user_id
        )
    ON CONFLICT (digest) DO UPDATE SET
        -- Tokens from before the user was ended stay refused when the user comes back.
        valid_from = CASE
            WHEN excluded.valid_from = 'infinity' THEN 'infinity'
            WHEN r.valid_from = 'infinity' THEN now()
            ELSE r.valid_from
        END,
        business = excluded.business,
        permissions = excluded.permissions;
END;
$$;
COMMENT ON FUNCTION identity.refresh_rights(integer, uuid) IS
'Makes the row of a user in identity.subject_rights equal to the user''s state, businesses and '
'permissions. Internal: called by triggers that have entered the tenant.';
