-- A missing key is an error: a NULL would be written where a value was to be.
CREATE OR REPLACE FUNCTION core.require_key(p_key bytea, p_key_id text)
RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF length(p_key) IS DISTINCT FROM 32
        OR p_key_id IS NULL
        OR p_key_id COLLATE "C" !~ '^[a-z0-9][a-z0-9_-]{0,62}$'
    THEN
        RAISE EXCEPTION 'a key of 32 bytes and its id are needed'
        USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('The key has %s bytes.', coalesce(length(p_key)::text, 'no')),
            HINT = 'Ids are small letters, digits, _ and -, up to 63; pgerp encryption list shows '
                'those of a key file.';
    END IF;
END;
$$;
COMMENT ON FUNCTION core.require_key(bytea, text) IS
'Refuses what is no key of 32 bytes, or no key id. For what takes keys. Raises 22023.';
