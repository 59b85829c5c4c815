-- The table that somebody asks the log about.
CREATE OR REPLACE FUNCTION audit.table_of(p_table text)
RETURNS regclass
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_table regclass;
BEGIN
    SELECT t.relid::regclass INTO v_table
    FROM audit.logged_tables() AS t
    WHERE t.table_name = p_table;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no table % is logged', coalesce(p_table, 'NULL')
        USING ERRCODE = 'ZA003',
            HINT = 'Name it with its schema, such as ledger.accounts; audit.exceptions lists '
                'those that are not logged.';
    END IF;
    RETURN v_table;
END;
$$;
COMMENT ON FUNCTION audit.table_of(text) IS
'The table of that name (with schema). Raises ZA003 (there is none, or it is not logged). '
'Internal.';
