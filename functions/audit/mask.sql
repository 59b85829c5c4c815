-- Take the sensitive values out of both sides of a change.
CREATE OR REPLACE FUNCTION audit.mask(
    p_old jsonb, p_new jsonb, p_columns text, OUT old_row jsonb, OUT new_row jsonb
)
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        p_old || coalesce(m.olds, '{}'),
        p_new || coalesce(m.news, '{}')
    FROM (
        SELECT
            jsonb_object_agg(c.name, '***') AS olds,
            jsonb_object_agg(c.name, CASE
                WHEN p_old -> c.name <> p_new -> c.name THEN '*** (changed)'
                ELSE '***'
            END) AS news
        FROM unnest(string_to_array(p_columns, ' ')) AS c (name)
    ) AS m;
$$;
COMMENT ON FUNCTION audit.mask(jsonb, jsonb, text) IS
'A row before and after a change with the values of the columns (names with one blank between) '
'replaced by ***, after it by *** (changed) where they differ. Internal.';
