-- AES in CBC mode, by pgcrypto where the database has it.
CREATE OR REPLACE FUNCTION core.aes_cbc(
    p_data bytea,
    p_key bytea,
    p_iv bytea,
    p_encrypts boolean
)
RETURNS bytea
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_schema text := (
        SELECT n.nspname
        FROM pg_extension AS x
        INNER JOIN pg_namespace AS n ON n.oid = x.extnamespace
        WHERE x.extname = 'pgcrypto'
    );
    v_result bytea;
BEGIN
    IF v_schema IS NULL THEN
        RAISE EXCEPTION 'the database cannot encrypt: it does not have the extension pgcrypto'
        USING ERRCODE = 'feature_not_supported',
            DETAIL = 'PostgreSQL itself has hashes, but no ciphers.',
            HINT = 'Encrypt in the application (pgerp.encryption), or have a superuser run CREATE '
                'EXTENSION pgcrypto.';
    END IF;
    EXECUTE format(
        'SELECT %I.%I($1, $2, $3, ''aes-cbc/pad:none'')',
        v_schema, CASE WHEN p_encrypts THEN 'encrypt_iv' ELSE 'decrypt_iv' END
    )
    INTO v_result
    USING p_data, p_key, p_iv;
    RETURN v_result;
END;
$$;
COMMENT ON FUNCTION core.aes_cbc(bytea, bytea, bytea, boolean) IS
'Encrypts or decrypts whole blocks of 16 bytes with AES in CBC mode, without padding, by pgcrypto, '
'which is found in whatever schema it is. For core.encrypt_value and core.decrypt_value. Raises '
'0A000 (no pgcrypto).';
