-- A key as somebody writes it, as the log has it.
CREATE OR REPLACE FUNCTION audit.normal_key(
    p_table text, p_key jsonb, OUT tenant_id integer, OUT row_key text, OUT key_values jsonb
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_table regclass := audit.table_of(p_table);
    v_row jsonb;
    v_shape record;
BEGIN
    SELECT
        t.key_columns,
        t.tenant_column,
        string_to_array(t.key_columns, ' ') AS names
    INTO v_shape
    FROM audit.logged_tables() AS t
    WHERE t.relid = v_table;
    BEGIN
        IF jsonb_typeof(p_key) = 'object' THEN
            -- The types of the columns make one spelling of many: upper-case uuids, "1" for 1.
            EXECUTE format('SELECT to_jsonb(jsonb_populate_record(NULL::%s, $1))', v_table)
            INTO v_row
            USING p_key;
        END IF;
    EXCEPTION
        WHEN data_exception OR integrity_constraint_violation THEN v_row := NULL;
    END;
    IF v_row IS NULL
        OR NOT p_key - 'tenant_id' ?& array_remove(v_shape.names, 'tenant_id')
        OR p_key - 'tenant_id' - v_shape.names <> '{}'
        OR EXISTS (
            SELECT FROM unnest(v_shape.names) AS n (name)
            WHERE v_row -> n.name = 'null' AND n.name <> 'tenant_id'
        )
    THEN
        RAISE EXCEPTION 'the key does not fit table %', p_table
        USING ERRCODE = 'ZA004',
            DETAIL = format('Its key is: %s.', v_shape.key_columns),
            HINT = 'Pass a JSON object with these columns, each with a value of its type; '
                'tenant_id may be left out.';
    END IF;
    tenant_id := CASE
        WHEN v_shape.tenant_column = '' THEN 0
        ELSE coalesce(v_row ->> v_shape.tenant_column, identity.current_tenant()::text)::integer
    END;
    IF tenant_id IS NULL THEN
        RAISE EXCEPTION 'neither the key nor a token tells the tenant'
        USING ERRCODE = 'ZI001',
            HINT = 'Set pgerp.token, or give tenant_id in the key.';
    END IF;
    IF v_shape.key_columns = 'tenant_id' THEN
        v_row := jsonb_build_object('tenant_id', tenant_id);
    END IF;
    key_values := v_row;
    row_key := audit.key_of(v_row, v_shape.key_columns);
END;
$$;
COMMENT ON FUNCTION audit.normal_key(text, jsonb) IS
'The tenant (of the key, else of the token; 0 for tables without tenant) and the key as in '
'audit.log.row_key and as jsonb, of a JSON object with the columns of a table''s primary key. '
'Raises ZA003 (no such table), ZA004 (the key does not fit it), ZI001 to ZI003 (token). Internal.';
