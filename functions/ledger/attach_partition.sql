-- Make two tables, of entries and of their lines, a partition of the journal or of its archive.
CREATE OR REPLACE FUNCTION ledger.attach_partition(p_schema text, p_suffix text)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_year integer := nullif(p_suffix, 'default')::integer;
    v_table text;
    v_partition text;
BEGIN
    -- Entries first: the foreign key of the lines is checked when these come.
    FOREACH v_table IN ARRAY ARRAY['journal_entries', 'journal_lines'] LOOP
        v_partition := v_table || '_' || p_suffix;
        IF v_year IS NULL THEN
            EXECUTE format(
                'ALTER TABLE %1$I.%2$I ATTACH PARTITION %1$I.%3$I DEFAULT',
                p_schema, v_table, v_partition
            );
        ELSE
            EXECUTE format(
                'ALTER TABLE %1$I.%2$I ATTACH PARTITION %1$I.%3$I FOR VALUES FROM (%4$L) TO (%5$L)',
                p_schema, v_table, v_partition,
                core.uuid_v7_floor(make_timestamptz(v_year, 1, 1, 0, 0, 0, 'UTC')),
                core.uuid_v7_floor(make_timestamptz(v_year + 1, 1, 1, 0, 0, 0, 'UTC'))
            );
        END IF;
        PERFORM ledger.guard_against_truncate(format('%I.%I', p_schema, v_partition)::regclass);
    END LOOP;
END;
$$;
COMMENT ON FUNCTION ledger.attach_partition(text, text) IS
'Attaches journal_entries_<suffix> and journal_lines_<suffix> (a year, or default) in schema '
'ledger or ledger_archive to their parents: these give them their triggers and foreign keys, '
'which are checked, and the rows are checked to be of that year. Internal.';
