-- The tables of one year's entries and lines, filled with what waited for them in the default ones.
CREATE OR REPLACE FUNCTION ledger.make_partition_tables(p_year integer, p_move boolean)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_table record;
    v_rows bigint;
    v_moved bigint;
BEGIN
    FOR v_table IN
        SELECT
            t.parent,
            t.key_column,
            t.parent || '_' || p_year AS name
        FROM (VALUES ('journal_entries', 'id'), ('journal_lines', 'entry_id'))
            AS t (parent, key_column)
    LOOP
        EXECUTE format(
            'CREATE TABLE ledger.%I (LIKE ledger.%I INCLUDING ALL EXCLUDING COMMENTS)',
            v_table.name, v_table.parent
        );
        EXECUTE format(
            'COMMENT ON TABLE ledger.%I IS %L', v_table.name,
            format('Rows of ledger.%s whose key was made in %s (UTC).', v_table.parent, p_year)
        );
        IF p_move THEN
            -- Both have their columns in the order of the parent.
            EXECUTE format(
                'WITH moved AS ('
                'DELETE FROM ledger.%1$I WHERE %2$I >= $1 AND %2$I < $2 RETURNING *'
                ') INSERT INTO ledger.%3$I SELECT * FROM moved',
                v_table.parent || '_default', v_table.key_column, v_table.name
            )
            USING
                core.uuid_v7_floor(make_timestamptz(p_year, 1, 1, 0, 0, 0, 'UTC')),
                core.uuid_v7_floor(make_timestamptz(p_year + 1, 1, 1, 0, 0, 0, 'UTC'));
            GET DIAGNOSTICS v_rows = ROW_COUNT;
            v_moved := coalesce(v_moved, v_rows);
        END IF;
        PERFORM core.secure_table(format('ledger.%I', v_table.name)::regclass);
        -- A dump must see it; nobody else may, since that would bypass the parent.
        EXECUTE format('GRANT SELECT ON ledger.%I TO pgerp_backup', v_table.name);
    END LOOP;
    RETURN coalesce(v_moved, 0);
END;
$$;
COMMENT ON FUNCTION ledger.make_partition_tables(integer, boolean) IS
'Makes journal_entries_<year> and journal_lines_<year>, not yet attached, with comments, row '
'security and what a dump needs; p_move: takes over the rows of that year from the default '
'partitions, which are detached. Returns the number of entries taken over. Internal: called by '
'ledger.create_partitions.';
