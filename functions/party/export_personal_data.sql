-- All that the database has of a customer, for the customer.
CREATE OR REPLACE FUNCTION party.export_personal_data(
    p_customer_id uuid,
    p_tenant_id integer DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_customer party.customers;
    v_table party.personal_data_tables;
    v_relation regclass;
    v_link text;
    v_rows jsonb;
    v_tables jsonb := '{}'::jsonb;
    v_history jsonb := '[]'::jsonb;
    v_counts jsonb := '{}'::jsonb;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'party.export_personal_data');
    PERFORM identity.require_permission('party.export_personal_data');
    -- In part it would not be what the person may ask for.
    PERFORM identity.require_all_businesses('Rows of every business tell of a customer.');
    SELECT c.* INTO v_customer
    FROM party.customers AS c
    WHERE c.tenant_id = p_tenant_id AND c.id = p_customer_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such customer: %', coalesce(p_customer_id::text, 'NULL')
        USING ERRCODE = 'ZT001',
            HINT = 'Find the id with party.find_customers.';
    END IF;
    FOR v_table IN SELECT t.* FROM party.personal_data_tables AS t ORDER BY t.table_name LOOP
        v_link := CASE
            WHEN v_table.is_by_number THEN v_customer.customer_no
            ELSE p_customer_id::text
        END;
        v_relation := v_table.table_name;
        EXECUTE format(
            'SELECT jsonb_agg(to_jsonb(t) ORDER BY to_jsonb(t)::text) FROM %s AS t '
            'WHERE t.tenant_id = $1 AND t.%I = %L',
            v_relation, v_table.customer_column, v_link
        )
        INTO v_rows
        USING p_tenant_id;
        IF v_rows IS NOT NULL THEN
            v_tables := v_tables || jsonb_build_object(v_table.table_name, v_rows);
            v_counts := v_counts
                || jsonb_build_object(v_table.table_name, jsonb_array_length(v_rows));
        END IF;
        v_history := v_history || coalesce((
            SELECT jsonb_agg(to_jsonb(h) ORDER BY h.id)
            FROM party.logged_keys(
                p_tenant_id, v_table.table_name, v_table.customer_column, v_link
            ) AS k (key)
            CROSS JOIN LATERAL (
                SELECT
                    v_table.table_name,
                    a.*
                FROM audit.history(v_table.table_name, k.key) AS a
            ) AS h
        ), '[]');
    END LOOP;
    v_counts := v_counts || jsonb_build_object('audit.log', jsonb_array_length(v_history));
    INSERT INTO party.privacy_acts (tenant_id, id, customer_id, kind, row_counts)
    VALUES (p_tenant_id, core.uuid_v7(), p_customer_id, 'export', v_counts);
    RETURN jsonb_build_object(
        'customer_id', p_customer_id,
        'customer_no', v_customer.customer_no,
        'exported_at', now(),
        'exported_by', core.current_actor(),
        'tables', v_tables,
        'history', v_history
    );
END;
$$;
COMMENT ON FUNCTION party.export_personal_data(uuid, integer) IS
'What every table of party.personal_data_tables has of a customer, and every change of it that is '
'in the audit log: {"customer_id", "customer_no", "exported_at", "exported_by", "tables": {"'
'party.customers": [rows], …}, "history": [changes as in audit.history, with table_name]}. '
'Encrypted values are as they are stored: the application decrypts them. The export is on record '
'in party.privacy_acts. Needs party.export_personal_data, which must be named, and a token '
'for all businesses. Raises ZI001 to ZI004, ZI006, ZI009 to ZI011 (token, permission), ZT001 (no '
'such customer).';
