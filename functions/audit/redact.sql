-- Take personal data out of what the log has of a row.
CREATE OR REPLACE FUNCTION audit.redact(
    p_tenant_id integer,
    p_table text,
    p_key jsonb,
    p_columns text[],
    p_reason text
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_key record;
    v_needed text[];
    v_ids uuid[];
BEGIN
    IF p_tenant_id IS NULL
        OR p_tenant_id::text IS DISTINCT FROM current_setting('pgerp.tenant_id', true)
    THEN
        RAISE EXCEPTION 'the log is redacted of the tenant that was entered'
        USING ERRCODE = 'ZI004',
            DETAIL = format('Asked for tenant %s.', coalesce(p_tenant_id::text, 'NULL')),
            HINT = 'Call it after identity.enter_tenant, with the tenant that that returned.';
    END IF;
    v_key := audit.normal_key(p_table, p_key || jsonb_build_object('tenant_id', p_tenant_id));
    IF v_key.tenant_id <> p_tenant_id THEN
        RAISE EXCEPTION 'the key is of another tenant'
        USING ERRCODE = 'ZI004',
            DETAIL = format('Entered is tenant %s.', p_tenant_id),
            HINT = 'Tables without tenant are redacted as tenant 0.';
    END IF;
    IF starts_with(p_table, 'audit.') THEN
        RAISE EXCEPTION 'what the log says of itself is not redacted'
        USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('Asked for %s.', p_table),
            HINT = 'The records of redactions, removals and holds are what the rest is proved by.';
    END IF;
    -- What the log finds and dates its rows by.
    v_needed := (
        SELECT
            string_to_array(t.key_columns, ' ') || t.tenant_column || t.business_column
            || 'created_at'::text
        FROM audit.logged_tables() AS t
        WHERE t.table_name = p_table
    );
    IF cardinality(p_columns) IS NOT DISTINCT FROM 0
        OR p_columns IS NULL
        OR array_position(p_columns, NULL) IS NOT NULL
        OR p_columns && v_needed
    THEN
        RAISE EXCEPTION 'these columns cannot be redacted'
        USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format(
                'Asked for: %s. Never redacted: %s.',
                coalesce(p_columns::text, 'NULL'), array_to_string(v_needed, ' ')
            ),
            HINT = 'Name one column or more that holds personal data.';
    END IF;
    IF p_reason IS NULL OR core.is_blank(p_reason) THEN
        RAISE EXCEPTION 'a redaction needs a reason'
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Say which request or rule asks for it: it is kept.';
    END IF;
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'the log can only be redacted in a READ COMMITTED transaction'
        USING ERRCODE = 'active_sql_transaction',
            DETAIL = 'An older snapshot could not see a seal made meanwhile.',
            HINT = 'Start the transaction with ISOLATION LEVEL READ COMMITTED.';
    END IF;
    PERFORM audit.lock_seals(p_tenant_id);
    WITH wanted AS (
        SELECT
            l.id,
            ARRAY(
                SELECT c.key
                FROM (
                    SELECT o.* FROM jsonb_each(l.old_row) AS o
                    UNION
                    SELECT n.* FROM jsonb_each(l.new_row) AS n
                ) AS c
                WHERE c.key = ANY (p_columns) AND c.value NOT IN ('null', '"[anonymised]"')
                GROUP BY c.key
                ORDER BY c.key
            ) AS columns
        FROM audit.log AS l
        WHERE l.tenant_id = p_tenant_id AND l.table_name = p_table
            AND l.row_key = v_key.row_key
    ),

    recorded AS (
        INSERT INTO audit.redactions (tenant_id, log_id, columns, reason)
        SELECT
            p_tenant_id,
            w.id,
            w.columns,
            p_reason
        FROM wanted AS w
        WHERE w.columns <> '{}'
        ORDER BY w.id
        RETURNING log_id
    )

    SELECT array_agg(r.log_id) INTO v_ids
    FROM recorded AS r;
    -- What is sealed stays provable, but for the values that go.
    UPDATE audit.sealed_changes AS s
    SET salt = NULL,
        openings = jsonb_build_object(
            'old', audit.openings(s.salt, s.openings -> 'old', 'old', l.old_row, p_columns),
            'new', audit.openings(s.salt, s.openings -> 'new', 'new', l.new_row, p_columns)
        )
    FROM audit.log AS l
    WHERE l.tenant_id = p_tenant_id AND l.id = ANY (v_ids)
        AND s.tenant_id = p_tenant_id AND s.log_id = l.id;
    -- Its guard compares each with the redactions of the row.
    UPDATE audit.log AS l
    SET old_row = audit.redacted(l.old_row, p_columns),
        new_row = audit.redacted(l.new_row, p_columns)
    WHERE l.tenant_id = p_tenant_id AND l.id = ANY (v_ids);
    RETURN coalesce(cardinality(v_ids), 0);
END;
$$;
COMMENT ON FUNCTION audit.redact(integer, text, jsonb, text[], text) IS
'Replaces by "[anonymised]" the values of the columns in every row of audit.log about one row, '
'except where they are null; p_table and p_key as in audit.history, without tenant. Returns the '
'number of rows of the log that changed, 0 for a key that it does not know; each is in '
'audit.redactions, and stays under its seal. Waits while the log is sealed. The caller has locked '
'the row and changed it: what is logged later is not covered. Raises ZI004 (not the tenant '
'entered), ZA003, ZA004 (table, key), 22023 (no column, or one of the key, tenant or business, or '
'created_at; no reason; a table of schema audit), ZA008 (a legal hold is in force), 25001 (outside '
'READ COMMITTED). Internal: for functions that have entered a tenant.';
