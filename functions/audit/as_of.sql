-- A row as it was at an instant.
CREATE OR REPLACE FUNCTION audit.as_of(p_table text, p_key jsonb, p_at timestamptz)
RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_key record;
    v_row jsonb;
BEGIN
    IF p_at IS NULL THEN
        RAISE EXCEPTION 'as of when is not said'
        USING ERRCODE = 'null_value_not_allowed',
            HINT = 'Pass an instant as p_at.';
    END IF;
    v_key := audit.normal_key(p_table, p_key);
    SELECT l.new_row INTO v_row
    FROM audit.log AS l
    WHERE l.tenant_id = v_key.tenant_id AND l.table_name = p_table AND l.row_key = v_key.row_key
        AND l.logged_at <= p_at
    ORDER BY l.id DESC
    LIMIT 1;
    IF FOUND THEN
        RETURN v_row;
    END IF;
    -- Made before it was logged, or in a table whose new rows are their own record: it was until
    -- its first change as that one found it, and without one, as it is.
    SELECT
        -- Under another key it was another row.
        CASE WHEN audit.key_of(l.old_row, t.key_columns) = v_key.row_key THEN l.old_row END
    INTO v_row
    FROM audit.log AS l
    INNER JOIN audit.logged_tables() AS t ON t.table_name = l.table_name
    WHERE l.tenant_id = v_key.tenant_id AND l.table_name = p_table AND l.row_key = v_key.row_key
    ORDER BY l.id
    LIMIT 1;
    IF NOT FOUND THEN
        v_row := audit.present_row(p_table, v_key.tenant_id, v_key.key_values);
    END IF;
    RETURN CASE
        WHEN coalesce((v_row ->> 'created_at')::timestamptz, '-infinity') <= p_at THEN v_row
    END;
END;
$$;
COMMENT ON FUNCTION audit.as_of(text, jsonb, timestamptz) IS
'The row by column as it was after the last change up to the instant, or NULL: it was not there, '
'or the caller may not see it. Sensitive columns read ***. A change counts from when it was made, '
'not from its commit. p_table and p_key as in audit.history. Raises ZA003, ZA004, ZI001 to ZI003, '
'22004 (p_at is NULL), 42501 (never changed, and in a table that the caller may not read).';
