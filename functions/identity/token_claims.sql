-- The claims of the session's token, once its signature and expiry are proved.
CREATE OR REPLACE FUNCTION identity.token_claims()
RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_token text := current_setting('pgerp.token', true);
    v_parts text[];
    v_header jsonb;
    v_claims jsonb;
    v_is_signed boolean;
    v_is_fit boolean;
    v_valid_from timestamptz;
    v_business jsonb;
    v_permissions jsonb;
BEGIN
    IF v_token IS NULL OR v_token = '' THEN
        RETURN NULL;
    END IF;
    v_parts := string_to_array(v_token, '.');
    -- What follows costs by the number of statements and expressions, not by what they do: one each
    -- for all.
    BEGIN
        v_header := identity.decode_token_part(v_parts[1]);
        v_claims := identity.decode_token_part(v_parts[2]);
        -- Digests are compared, not signatures: how long the comparison takes tells nothing. A
        -- service is no user and has no row in subject_rights; see identity.subject_digest.
        SELECT
            true,
            r.valid_from,
            r.business,
            r.permissions
        INTO v_is_signed, v_valid_from, v_business, v_permissions
        FROM identity.signing_keys AS k
        LEFT JOIN identity.subject_rights AS r ON r.digest = sha256(
            convert_to(concat(v_claims ->> 'tenant', ' ', v_claims ->> 'sub'), 'UTF8')
        )
        WHERE k.retired_at IS NULL
            AND v_parts[4] IS NULL
            AND sha256(convert_to(rtrim(replace(replace(encode(
                sha256(k.outer_pad || sha256(
                    k.inner_pad || convert_to(v_parts[1] || '.' || v_parts[2], 'UTF8')
                )), 'base64'
            ), '+', '-'), '/', '_'), '='), 'UTF8')) = sha256(convert_to(v_parts[3], 'UTF8'));
        -- RFC 7515 section 4.1.11: what crit names must be understood, and none is. The clock of
        -- who issued it may be a minute ahead of ours.
        v_is_fit := format(
            '%s %s %s %s %s %s', v_header -> 'alg', v_header ? 'crit', v_claims -> 'tenant',
            v_claims -> 'exp', v_claims -> 'business', v_claims -> 'sub'
        ) ~ '^"HS256" f [0-9]{1,9} [0-9.]+ ("[*]"|[[]([0-9]{1,9}(, [0-9]{1,9})*)?[]]) ".+"$'
        AND to_timestamp((v_claims -> 'exp')::float8) > now()
        AND coalesce(
            to_timestamp(greatest(
                (v_claims -> 'iat')::float8, (v_claims -> 'nbf')::float8
            )) <= now() + '1 min',
            true
        );
    EXCEPTION
        WHEN data_exception THEN
            v_is_fit := false;
            v_claims := NULL;
    END;
    IF v_is_signed AND v_is_fit AND v_valid_from IS NULL THEN
        RETURN v_claims;
    ELSIF v_is_signed AND v_is_fit THEN
        RETURN identity.narrow_claims(v_claims, v_valid_from, v_business, v_permissions);
    ELSIF v_is_signed THEN
        IF (v_claims -> 'exp')::text ~ '^[0-9.]+$'
            AND to_timestamp((v_claims ->> 'exp')::numeric) <= now()
        THEN
            RAISE EXCEPTION 'the token has expired'
            USING ERRCODE = 'ZI003',
                DETAIL = format(
                    'It expired at %s.', to_timestamp((v_claims ->> 'exp')::numeric)
                ),
                HINT = 'Get a new token and set pgerp.token to it.';
        ELSIF to_timestamp(greatest((v_claims ->> 'iat')::numeric, (v_claims ->> 'nbf')::numeric))
            > now() + '1 min'
        THEN
            RAISE EXCEPTION 'the token is not valid yet'
            USING ERRCODE = 'ZI010',
                DETAIL = format(
                    'It was issued at %s, is valid from %s, and it is %s.',
                    to_timestamp((v_claims ->> 'iat')::numeric),
                    to_timestamp((v_claims ->> 'nbf')::numeric),
                    now()
                ),
                HINT = 'Set the clocks of the token service and of this server right.';
        END IF;
        RAISE EXCEPTION 'the token lacks what pgerp needs'
        USING ERRCODE = 'ZI002',
            DETAIL = 'Its header must say alg HS256 and no crit; its claims must hold tenant '
                '(integer), sub (text, not empty), exp (seconds since 1970) and business (list '
                'of ids, or "*" for all); iat and nbf, if there, are seconds since 1970.',
            HINT = 'Have the application issue the token with these claims.';
    END IF;
    RAISE EXCEPTION 'the token is not valid'
    USING ERRCODE = 'ZI002',
        DETAIL = 'It is not a JWT that a live key of this database signed with HMAC-SHA256.',
        HINT = 'Set pgerp.token to a token from your token service, or from identity.issue_token.';
END;
$$;
COMMENT ON FUNCTION identity.token_claims() IS
'The claims (JSON object: tenant, sub, business, exp, …) of the JWT in the setting pgerp.token, '
'after verifying its HMAC-SHA256 signature (RFC 7515, 7518) against the live keys and its times; '
'NULL when no token is set. exp counts to the second; iat and nbf, where they are given, may be up '
'to 60 seconds ahead of this server''s clock. Where the subject is a user of the tenant, business '
'and permissions are narrowed to what the user may (identity.narrow_claims). Raises ZI002 (not '
'valid), ZI003 (expired), ZI009 (the user is inactive), ZI010 (not valid yet).';
