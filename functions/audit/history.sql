-- The life of a row, oldest change first.
CREATE OR REPLACE FUNCTION audit.history(p_table text, p_key jsonb)
RETURNS TABLE (
    logged_at timestamptz,
    action audit.change_action,
    changed_columns text[],
    old_row jsonb,
    new_row jsonb,
    actor text,
    address inet,
    application text,
    user_agent text,
    correlation_id text,
    transaction_id xid8,
    id uuid
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_key record;
BEGIN
    v_key := audit.normal_key(p_table, p_key);
    RETURN QUERY
    SELECT
        l.logged_at,
        l.action,
        audit.changed_columns(l.old_row, l.new_row),
        l.old_row,
        l.new_row,
        l.actor,
        l.address,
        l.application,
        l.user_agent,
        l.correlation_id,
        l.transaction_id,
        l.id
    FROM audit.log AS l
    WHERE l.tenant_id = v_key.tenant_id AND l.table_name = p_table AND l.row_key = v_key.row_key
    ORDER BY l.id;
END;
$$;
COMMENT ON FUNCTION audit.history(text, jsonb) IS
'Every change of one row that is in the log, in order, with what it changed. p_table with its '
'schema, such as ledger.accounts; p_key a JSON object of its primary key, such as {"id": "…"}, '
'tenant_id as wanted. Runs under row security: no row for what the caller may not see, and for a '
'key that never was. Raises ZA003 (no such table, or not logged), ZA004 (the key does not fit), '
'ZI001 to ZI003 (token).';
