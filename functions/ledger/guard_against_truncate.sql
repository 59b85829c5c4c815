-- Give a table the trigger that refuses TRUNCATE: statement triggers are not inherited.
CREATE OR REPLACE FUNCTION ledger.guard_against_truncate(p_table regclass)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON %s '
        'FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_truncate(%L)',
        p_table, p_table::text
    );
    EXECUTE format(
        'COMMENT ON TRIGGER refuse_truncate ON %s IS %L', p_table, 'The books are never emptied.'
    );
END;
$$;
COMMENT ON FUNCTION ledger.guard_against_truncate(regclass) IS
'Makes the trigger refuse_truncate on a table or partition of the books, whose name it takes as '
'its argument. Internal: called after every change of the schema, and for partitions that are '
'made or moved later.';
