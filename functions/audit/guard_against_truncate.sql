-- Give a partition of the log the trigger that refuses TRUNCATE: it does not come from the parent.
CREATE OR REPLACE FUNCTION audit.guard_against_truncate(p_table regclass)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER log_refuse_truncate BEFORE TRUNCATE ON %s '
        'FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change(%L)',
        p_table, p_table::text
    );
    EXECUTE format(
        'COMMENT ON TRIGGER log_refuse_truncate ON %s IS %L', p_table, 'The log is never emptied.'
    );
END;
$$;
COMMENT ON FUNCTION audit.guard_against_truncate(regclass) IS
'Makes the trigger log_refuse_truncate on audit.log or a partition of it. Internal: called after '
'every change of the schema, and for partitions that maintenance makes.';
