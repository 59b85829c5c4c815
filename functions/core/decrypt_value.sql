-- Decrypt a sensitive value in the database, where the application cannot.
CREATE OR REPLACE FUNCTION core.decrypt_value(p_value core.encrypted_value, p_key bytea)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_key_id text := split_part(p_value, ':', 1);
    v_token bytea := decode(translate(split_part(p_value, ':', 2), '-_', '+/'), 'base64');
    v_signed bytea := substr(v_token, 1, length(v_token) - 32);
    v_blocks integer := length(v_token) - 57;
    v_plain bytea;
    v_padding integer;
BEGIN
    IF p_value IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM core.require_key(p_key, v_key_id);
    -- Digests are compared, not signatures: how long the comparison takes tells nothing.
    IF v_blocks > 0 AND v_blocks % 16 = 0
        AND sha256(core.hmac_sha256(substr(p_key, 1, 16), v_signed))
        = sha256(substr(v_token, length(v_token) - 31))
    THEN
        v_plain := core.aes_cbc(
            substr(v_signed, 26), substr(p_key, 17), substr(v_signed, 10, 16), false
        );
        v_padding := get_byte(v_plain, v_blocks - 1);
        IF v_padding BETWEEN 1 AND 16
            AND substr(v_plain, v_blocks - v_padding + 1)
            = decode(repeat(lpad(to_hex(v_padding), 2, '0'), v_padding), 'hex')
        THEN
            BEGIN
                RETURN convert_from(substr(v_plain, 1, v_blocks - v_padding), 'UTF8');
            EXCEPTION
                -- Their messages quote the text.
                WHEN character_not_in_repertoire OR untranslatable_character THEN NULL;
            END;
        END IF;
    END IF;
    RAISE EXCEPTION 'the value cannot be decrypted with this key'
    USING ERRCODE = 'ZK002',
        DETAIL = format('It is of key %s, or was changed since it was encrypted.', v_key_id),
        HINT = 'Give the key that the value names before its colon.';
END;
$$;
COMMENT ON FUNCTION core.decrypt_value(core.encrypted_value, bytea) IS
'The text in an encrypted value, which core.encrypt_value or pgerp.encryption in Python made with '
'this key. NULL for NULL. Needs pgcrypto. As there, give the key as a bound parameter only. Raises '
'0A000 (no pgcrypto), 22023 (no key of 32 bytes), 23514 (no encrypted value), ZK002 (another key, '
'or changed).';
