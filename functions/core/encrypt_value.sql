-- Encrypt a sensitive value in the database, where the application cannot.
CREATE OR REPLACE FUNCTION core.encrypt_value(p_text text, p_key_id text, p_key bytea)
RETURNS core.encrypted_value
LANGUAGE plpgsql VOLATILE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM core.require_key(p_key, p_key_id);
    RETURN p_key_id || ':' || core.fernet_token(
        p_text,
        p_key,
        -- Random bits of the server's strong generator, none of them fixed as in a uuid.
        substr(
            sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 1, 16
        ),
        clock_timestamp()
    );
END;
$$;
COMMENT ON FUNCTION core.encrypt_value(text, text, bytea) IS
'A text encrypted with a key of 32 bytes, as pgerp.encryption in Python makes and reads it: for a '
'column of type core.encrypted_value. NULL for NULL. Needs pgcrypto. The key passes through the '
'server: give it as a bound parameter only, and see docs/encryption.md for who can see it then. '
'Raises 0A000 (no pgcrypto), 22023 (no key of 32 bytes, no key id), 23514 (too long).';
