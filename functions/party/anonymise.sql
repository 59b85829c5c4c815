-- Make a person unknown, for good, and leave the books as they are.
CREATE OR REPLACE FUNCTION party.anonymise(
    p_customer_id uuid,
    p_reason text,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_customer party.customers;
    v_table party.personal_data_tables;
    v_objection text;
    v_columns text[];
    v_key jsonb;
    v_counts jsonb := '{}'::jsonb;
    v_count bigint;
    v_redacted bigint := 0;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'party.anonymise');
    PERFORM identity.require_permission('party.anonymise');
    -- Rows that refer to the customer are not being added meanwhile, by any domain.
    SELECT c.* INTO v_customer
    FROM party.customers AS c
    WHERE c.tenant_id = p_tenant_id AND c.id = p_customer_id
    FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such customer: %', coalesce(p_customer_id::text, 'NULL')
        USING ERRCODE = 'ZT001',
            HINT = 'Find the id with party.find_customers.';
    ELSIF v_customer.status = 'anonymised' THEN
        RAISE EXCEPTION 'customer % is anonymised already', v_customer.customer_no
        USING ERRCODE = 'ZT009',
            HINT = 'See party.privacy_acts.';
    END IF;
    FOR v_table IN SELECT t.* FROM party.personal_data_tables AS t ORDER BY t.table_name LOOP
        IF v_table.objection IS NOT NULL THEN
            EXECUTE format(
                'SELECT %s($1, $2)',
                (v_table.objection || '(integer, uuid)')::regprocedure::regproc
            )
            INTO v_objection
            USING p_tenant_id, p_customer_id;
            IF v_objection IS NOT NULL THEN
                RAISE EXCEPTION 'customer % must be kept', v_customer.customer_no
                USING ERRCODE = 'ZT007',
                    DETAIL = format('%s: %s.', v_table.table_name, v_objection),
                    HINT = 'Settle that first.';
            END IF;
        END IF;
    END LOOP;
    FOR v_table IN
        SELECT t.*
        FROM party.personal_data_tables AS t
        WHERE t.treatment <> 'keep'
        -- Parts before the customer, to whom nothing can happen any more then.
        ORDER BY t.table_name = 'party.customers', t.table_name
    LOOP
        v_count := party.treat_rows(p_tenant_id, v_customer, v_table);
        v_counts := v_counts || jsonb_build_object(v_table.table_name, v_count);
        v_columns := ARRAY(
            SELECT c.column_name
            FROM party.personal_data_columns AS c
            WHERE c.table_name = v_table.table_name AND c.treatment <> 'keep'
            ORDER BY c.column_name
        );
        CONTINUE WHEN v_columns = '{}';
        FOR v_key IN
            SELECT k.key
            FROM party.logged_keys(
                p_tenant_id,
                v_table.table_name,
                v_table.customer_column,
                CASE
                    WHEN v_table.is_by_number THEN v_customer.customer_no
                    ELSE p_customer_id::text
                END
            ) AS k (key)
        LOOP
            v_redacted := v_redacted + audit.redact(
                p_tenant_id, v_table.table_name, v_key, v_columns, p_reason
            );
        END LOOP;
    END LOOP;
    INSERT INTO party.privacy_acts (tenant_id, id, customer_id, kind, reason, row_counts)
    VALUES (
        p_tenant_id,
        core.uuid_v7(),
        p_customer_id,
        'anonymise',
        p_reason,
        v_counts || jsonb_build_object('audit.log', v_redacted)
    );
END;
$$;
COMMENT ON FUNCTION party.anonymise(uuid, text, integer) IS
'Takes a person out of the database: names become Anonymised, what identifies is blank, contacts, '
'addresses and identity documents are deleted, tables of domains are treated as '
'party.personal_data_tables says, and values of all these columns are redacted in the audit log. '
'The customer''s row, number, consents and books stay. It is on record in party.privacy_acts with '
'p_reason, which stays too: name nobody in it. Cannot be undone. Needs party.anonymise, which must '
'be named. Raises ZI001 to ZI004, ZI009 to ZI011 (token, permission), ZT001 (no such customer), '
'ZT007 (a domain must keep the customer), ZT009 (anonymised already), 23514 (p_reason), and what '
'audit.redact does.';
