-- A token for operators, development and tests; applications issue their own with any JWT library.
CREATE OR REPLACE FUNCTION identity.issue_token(
    p_tenant_id integer,
    p_subject text DEFAULT session_user,
    p_business_ids integer[] DEFAULT NULL,
    p_valid_for interval DEFAULT '1 hour',
    p_permissions text[] DEFAULT NULL
)
RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_key identity.signing_keys;
    v_signed text;
BEGIN
    IF NOT EXISTS (SELECT FROM identity.tenants AS t WHERE t.id = p_tenant_id AND t.is_active) THEN
        RAISE EXCEPTION 'no such active tenant: %', coalesce(p_tenant_id::text, 'NULL')
        USING ERRCODE = 'ZI008',
            HINT = 'See identity.tenants; identity.create_tenant makes one.';
    END IF;
    IF coalesce(p_subject, '') = '' OR p_valid_for IS NULL
        OR array_position(p_business_ids, NULL) IS NOT NULL
        OR array_position(p_permissions, NULL) IS NOT NULL
    THEN
        RAISE EXCEPTION 'a token needs a subject, a lifetime and the ids of its businesses'
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Leave out what is not known: each argument but the tenant has a default.';
    END IF;
    LOOP
        SELECT k.* INTO v_key
        FROM identity.signing_keys AS k
        WHERE k.retired_at IS NULL
        ORDER BY k.created_at DESC, k.kid
        LIMIT 1;
        EXIT WHEN FOUND;
        -- A database without a key gets a random one; the lock keeps two callers from making two.
        LOCK TABLE identity.signing_keys IN SHARE ROW EXCLUSIVE MODE;
        IF NOT EXISTS (SELECT FROM identity.signing_keys AS k WHERE k.retired_at IS NULL) THEN
            PERFORM identity.add_signing_key(
                gen_random_uuid()::text,
                sha256(
                    uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
                    || uuid_send(gen_random_uuid())
                )
            );
        END IF;
    END LOOP;
    SELECT string_agg(
        translate(encode(convert_to(p.part::text, 'UTF8'), 'base64'), E'+/=\n', '-_'), '.'
        ORDER BY p.n
    ) INTO v_signed
    FROM (VALUES
        (1, jsonb_build_object('alg', 'HS256', 'typ', 'JWT', 'kid', v_key.kid)),
        (2, jsonb_build_object(
            'tenant', p_tenant_id,
            'sub', p_subject,
            'business', coalesce(to_jsonb(p_business_ids), '"*"'),
            'iat', floor(extract(EPOCH FROM now())),
            'exp', floor(extract(EPOCH FROM now() + p_valid_for)),
            'kid', v_key.kid
        ) || CASE
            WHEN p_permissions IS NULL THEN '{}'
            ELSE jsonb_build_object('permissions', p_permissions)
        END)
    ) AS p (n, part);
    RETURN v_signed || '.' || translate(encode(sha256(
        v_key.outer_pad || sha256(v_key.inner_pad || convert_to(v_signed, 'UTF8'))
    ), 'base64'), '+/=', '-_');
END;
$$;
COMMENT ON FUNCTION identity.issue_token(integer, text, integer[], interval, text[]) IS
'A signed JWT for the setting pgerp.token: tenant, subject, businesses (NULL: all), lifetime and '
'permissions (NULL: none; {*}: all; see identity.has_permission). '
'Makes a random key when there is none. Runs with the caller''s rights: for members of '
'pgerp_owner. Raises 22023 (an argument is NULL or empty), ZI008 (no such active tenant).';
