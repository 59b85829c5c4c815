-- What an update changed.
CREATE OR REPLACE FUNCTION audit.changed_columns(p_old jsonb, p_new jsonb)
RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN p_old IS NOT NULL AND p_new IS NOT NULL THEN ARRAY(
        SELECT n.key
        FROM jsonb_each(p_new) AS n
        WHERE n.value IS DISTINCT FROM p_old -> n.key
        ORDER BY n.key
    ) END;
$$;
COMMENT ON FUNCTION audit.changed_columns(jsonb, jsonb) IS
'The columns that differ between the two sides of a row in audit.log, in alphabetical order; NULL '
'when there is one side only (INSERT, DELETE).';
