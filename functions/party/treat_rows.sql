-- Take a person out of the rows of one table.
CREATE OR REPLACE FUNCTION party.treat_rows(
    p_tenant_id integer,
    p_customer party.customers,
    p_table party.personal_data_tables
)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_relation regclass := p_table.table_name::regclass;
    v_condition text := format(
        'WHERE tenant_id = %s AND %I = %L',
        p_tenant_id,
        p_table.customer_column,
        CASE WHEN p_table.is_by_number THEN p_customer.customer_no ELSE p_customer.id::text END
    );
    v_column record;
    v_changes text;
    v_count bigint := 0;
BEGIN
    IF p_table.treatment = 'delete' THEN
        EXECUTE format('DELETE FROM %s %s', v_relation, v_condition);
        GET DIAGNOSTICS v_count = ROW_COUNT;
    ELSIF p_table.treatment = 'change' THEN
        FOR v_column IN
            SELECT
                c.column_name AS name,
                CASE c.treatment WHEN 'replace' THEN 'Anonymised' END AS text
            FROM party.personal_data_columns AS c
            WHERE c.table_name = p_table.table_name AND c.treatment <> 'keep'
            UNION ALL
            SELECT
                'status',
                'anonymised'
            WHERE p_table.table_name = 'party.customers'
        LOOP
            v_changes := CASE
                WHEN v_changes IS NULL THEN format('%I = %L', v_column.name, v_column.text)
                ELSE format('%s, %I = %L', v_changes, v_column.name, v_column.text)
            END;
        END LOOP;
        IF v_changes IS NOT NULL THEN
            EXECUTE format('UPDATE %s SET %s %s', v_relation, v_changes, v_condition);
            GET DIAGNOSTICS v_count = ROW_COUNT;
        END IF;
    END IF;
    RETURN v_count;
END;
$$;
COMMENT ON FUNCTION party.treat_rows(integer, party.customers, party.personal_data_tables) IS
'Deletes or changes the customer''s rows of a table as party.personal_data_tables and _columns '
'say, and returns how many. Internal: called by party.anonymise.';
