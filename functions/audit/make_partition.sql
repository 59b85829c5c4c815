-- The table of one year of the log, filled with what waited for it in the default one.
CREATE OR REPLACE FUNCTION audit.make_partition(p_year integer, p_move boolean)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_name text := 'log_' || p_year;
    v_from uuid := core.uuid_v7_floor(make_timestamptz(p_year, 1, 1, 0, 0, 0, 'UTC'));
    v_to uuid := core.uuid_v7_floor(make_timestamptz(p_year + 1, 1, 1, 0, 0, 0, 'UTC'));
    v_moved bigint := 0;
BEGIN
    EXECUTE format(
        'CREATE TABLE audit.%I (LIKE audit.log INCLUDING ALL EXCLUDING COMMENTS) '
        'WITH (toast_tuple_target = 8160)', v_name
    );
    -- LIKE leaves this out.
    EXECUTE format(
        'ALTER TABLE audit.%I ALTER COLUMN old_row SET STATISTICS 0, '
        'ALTER COLUMN new_row SET STATISTICS 0', v_name
    );
    EXECUTE format(
        'COMMENT ON TABLE audit.%I IS %L', v_name,
        format('Rows of audit.log whose key was made in %s (UTC).', p_year)
    );
    IF p_move THEN
        -- Both have their columns in the order of the parent.
        EXECUTE format(
            'WITH moved AS ('
            'DELETE FROM audit.log_default WHERE id >= $1 AND id < $2 RETURNING *'
            ') INSERT INTO audit.%I SELECT * FROM moved', v_name
        )
        USING v_from, v_to;
        GET DIAGNOSTICS v_moved = ROW_COUNT;
    END IF;
    PERFORM core.secure_table(format('audit.%I', v_name)::regclass);
    -- A dump must see it; nobody else may, since that would bypass the parent.
    EXECUTE format('GRANT SELECT ON audit.%I TO pgerp_backup', v_name);
    EXECUTE format(
        'ALTER TABLE audit.log ATTACH PARTITION audit.%I FOR VALUES FROM (%L) TO (%L)',
        v_name, v_from, v_to
    );
    PERFORM audit.guard_against_truncate(format('audit.%I', v_name)::regclass);
    RETURN v_moved;
END;
$$;
COMMENT ON FUNCTION audit.make_partition(integer, boolean) IS
'Makes log_<year> and attaches it, with comments, row security, guards and what a dump needs; '
'p_move: takes over the rows of that year from audit.log_default, which is detached. Returns the '
'number of rows taken over. Internal: called by audit.create_partitions.';
