-- A row as it is now.
CREATE OR REPLACE FUNCTION audit.present_row(p_table text, p_tenant_id integer, p_key jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_table record;
    v_row jsonb;
BEGIN
    SELECT
        t.relid::regclass AS name,
        coalesce(t.masked, '') AS masked,
        t.tenant_column,
        (
            SELECT string_agg(format('t.%1$I = k.%1$I', n.name), ' AND ')
            FROM unnest(string_to_array(t.key_columns, ' ')) AS n (name)
        ) AS condition
    INTO v_table
    FROM audit.logged_tables() AS t
    WHERE t.table_name = p_table;
    IF v_table.tenant_column <> '' THEN
        v_table.condition := format(
            't.%I = %s AND %s', v_table.tenant_column, p_tenant_id, v_table.condition
        );
    END IF;
    EXECUTE format(
        'SELECT to_jsonb(t) FROM jsonb_populate_record(NULL::%1$s, $1) AS k '
        'INNER JOIN %1$s AS t ON %2$s',
        v_table.name, v_table.condition
    )
    INTO v_row
    USING p_key;
    RETURN (SELECT m.old_row FROM audit.mask(v_row, NULL, v_table.masked) AS m);
END;
$$;
COMMENT ON FUNCTION audit.present_row(text, integer, jsonb) IS
'The row of that tenant and key (as audit.normal_key has it) as it is now, by column, sensitive '
'ones reading ***; NULL when there is none that the caller may see. Raises 42501 (may not read '
'the table). Internal.';
