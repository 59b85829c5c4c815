-- The claims of the session's token, once its signature and expiry are proved.
CREATE OR REPLACE FUNCTION identity.token_claims()
RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_token text := current_setting('pgerp.token', true);
    v_parts text[];
    v_signed bytea;
    v_signature bytea;
    v_key record;
    v_header jsonb;
    v_claims jsonb;
BEGIN
    IF v_token IS NULL OR v_token = '' THEN
        RETURN NULL;
    END IF;
    v_parts := string_to_array(v_token, '.');
    IF cardinality(v_parts) = 3 THEN
        v_signed := convert_to(v_parts[1] || '.' || v_parts[2], 'UTF8');
        -- Digests are compared, not signatures: how long the comparison takes tells nothing.
        v_signature := sha256(convert_to(v_parts[3], 'UTF8'));
        FOR v_key IN
            SELECT
                k.inner_pad,
                k.outer_pad
            FROM identity.signing_keys AS k
            WHERE k.retired_at IS NULL
        LOOP
            IF sha256(convert_to(rtrim(replace(replace(encode(
                sha256(v_key.outer_pad || sha256(v_key.inner_pad || v_signed)), 'base64'
            ), '+', '-'), '/', '_'), '='), 'UTF8')) = v_signature THEN
                BEGIN
                    v_header := identity.decode_token_part(v_parts[1]);
                    v_claims := identity.decode_token_part(v_parts[2]);
                EXCEPTION
                    WHEN data_exception THEN v_claims := NULL;
                END;
                -- One expression for all: an expression costs more to start than to match.
                -- RFC 7515 section 4.1.11: what crit names must be understood, and none is.
                IF NOT coalesce(
                    format(
                        '%s %s %s %s %s %s', v_header -> 'alg', v_header ? 'crit',
                        v_claims -> 'tenant', v_claims -> 'exp', v_claims -> 'business',
                        v_claims -> 'sub'
                    ) ~ '^"HS256" f [0-9]{1,9} [0-9]{1,11}([.][0-9]+)? '
                        '("[*]"|[[]([0-9]{1,9}(, [0-9]{1,9})*)?[]]) ".+"$',
                    false
                )
                THEN
                    RAISE EXCEPTION 'the token lacks what pgerp needs'
                    USING ERRCODE = 'ZI002',
                        DETAIL = 'Its header must say alg HS256 and no crit; its claims must '
                            'hold tenant (integer), sub (text, not empty), exp (seconds since '
                            '1970) and business (list of ids, or "*" for all).',
                        HINT = 'Have the application issue the token with these claims.';
                END IF;
                IF (v_claims ->> 'exp')::numeric <= extract(EPOCH FROM now()) THEN
                    RAISE EXCEPTION 'the token has expired'
                    USING ERRCODE = 'ZI003',
                        DETAIL = format(
                            'It expired at %s.', to_timestamp((v_claims ->> 'exp')::numeric)
                        ),
                        HINT = 'Get a new token and set pgerp.token to it.';
                END IF;
                RETURN v_claims;
            END IF;
        END LOOP;
    END IF;
    RAISE EXCEPTION 'the token is not valid'
    USING ERRCODE = 'ZI002',
        DETAIL = 'It is not a JWT that a live key of this database signed with HMAC-SHA256.',
        HINT = 'Set pgerp.token to a token from your token service, or from identity.issue_token.';
END;
$$;
COMMENT ON FUNCTION identity.token_claims() IS
'The claims (JSON object: tenant, sub, business, exp, …) of the JWT in the setting pgerp.token, '
'after verifying its HMAC-SHA256 signature (RFC 7515, 7518) against the live keys and its '
'expiry; NULL when no token is set. Raises ZI002 (not valid), ZI003 (expired).';
