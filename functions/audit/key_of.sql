-- The key of a row, as the log has it.
CREATE OR REPLACE FUNCTION audit.key_of(p_row jsonb, p_columns text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE
        WHEN strpos(p_columns, ' ') = 0 THEN p_row ->> p_columns
        ELSE (
            SELECT jsonb_object_agg(c.name, p_row -> c.name)::text
            FROM unnest(string_to_array(p_columns, ' ')) AS c (name)
        )
    END;
$$;
COMMENT ON FUNCTION audit.key_of(jsonb, text) IS
'audit.log.row_key of a row: the value of the column as text, or of several columns (names with '
'one blank between) a jsonb object as text. Internal.';
