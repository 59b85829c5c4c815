-- A Fernet token, all of what goes into it given.
CREATE OR REPLACE FUNCTION core.fernet_token(
    p_text text,
    p_key bytea,
    p_iv bytea,
    p_made_at timestamptz
)
RETURNS text
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_plain bytea := convert_to(p_text, 'UTF8');
    v_missing integer := 16 - length(v_plain) % 16;
    v_signed bytea := decode('80', 'hex')
        || int8send(floor(extract(EPOCH FROM p_made_at))::bigint)
        || p_iv
        || core.aes_cbc(
            -- PKCS #7: as many bytes as are missing, each saying how many.
            v_plain || decode(repeat(lpad(to_hex(v_missing), 2, '0'), v_missing), 'hex'),
            substr(p_key, 17), p_iv, true
        );
BEGIN
    RETURN translate(
        encode(v_signed || core.hmac_sha256(substr(p_key, 1, 16), v_signed), 'base64'),
        E'+/\n', '-_'
    );
END;
$$;
COMMENT ON FUNCTION core.fernet_token(text, bytea, bytea, timestamptz) IS
'The token of https://github.com/fernet/spec (version 0x80) for a text as UTF-8, a key of 32 bytes '
'(to sign, then to encrypt), an initialisation vector of 16 bytes that is never used twice, and a '
'time. core.encrypt_value chooses the last two. Raises 0A000 (no pgcrypto).';
