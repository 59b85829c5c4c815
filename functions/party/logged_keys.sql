-- The rows of a customer that the audit log tells of, those that are gone too.
CREATE OR REPLACE FUNCTION party.logged_keys(
    p_tenant_id integer,
    p_table text,
    p_column text,
    p_value text
)
RETURNS SETOF jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT DISTINCT CASE
        WHEN strpos(t.key_columns, ' ') = 0 THEN jsonb_build_object(t.key_columns, l.row_key)
        ELSE l.row_key::jsonb
    END
    FROM audit.logged_tables() AS t
    INNER JOIN audit.log AS l ON l.table_name = t.table_name
    WHERE t.table_name = p_table AND l.tenant_id = p_tenant_id
        AND p_value IN (l.old_row ->> p_column, l.new_row ->> p_column);
$$;
COMMENT ON FUNCTION party.logged_keys(integer, text, text, text) IS
'The primary keys, as audit.history takes them, of the rows of a table in whose log the column has '
'or had the value. Reads all that the log has of the table in the tenant. Internal.';
