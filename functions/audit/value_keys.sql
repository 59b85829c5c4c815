-- The values of one side of a row of the log, each with the salt of its own.
CREATE OR REPLACE FUNCTION audit.value_keys(p_salt bytea, p_side text, p_row jsonb)
RETURNS TABLE (name text, value text, key bytea)
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        c.key,
        c.value::text,
        sha256(p_salt || convert_to(concat(
            '3:', p_side, ',',
            octet_length(convert_to(c.key, 'UTF8')), ':', c.key, ','
        ), 'UTF8'))
    FROM jsonb_each(p_row) AS c;
$$;
COMMENT ON FUNCTION audit.value_keys(bytea, text, jsonb) IS
'The columns of one side (p_side: old, new) of a row whose salt is p_salt: name, value as JSON, and '
'the salt of the value (key), from which neither p_salt nor another key can be found; no salt, no '
'keys. Internal.';
