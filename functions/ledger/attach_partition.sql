-- Make two tables, of entries and of their lines, a partition of the journal or of its archive.
CREATE OR REPLACE FUNCTION ledger.attach_partition(p_schema text, p_suffix text)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_bounds text := CASE
        WHEN p_suffix = 'default' THEN 'DEFAULT'
        ELSE format(
            'FOR VALUES FROM (%L) TO (%L)',
            core.uuid_v7_floor(make_timestamptz(p_suffix::integer, 1, 1, 0, 0, 0, 'UTC')),
            core.uuid_v7_floor(make_timestamptz(p_suffix::integer + 1, 1, 1, 0, 0, 0, 'UTC'))
        )
    END;
    v_table text;
BEGIN
    -- Entries first: the foreign key of the lines is checked when these come.
    FOREACH v_table IN ARRAY ARRAY['journal_entries', 'journal_lines'] LOOP
        EXECUTE format(
            'ALTER TABLE %1$I.%2$I ATTACH PARTITION %1$I.%3$I %4$s',
            p_schema, v_table, v_table || '_' || p_suffix, v_bounds
        );
        PERFORM ledger.guard_against_truncate(
            format('%I.%I', p_schema, v_table || '_' || p_suffix)::regclass
        );
    END LOOP;
END;
$$;
COMMENT ON FUNCTION ledger.attach_partition(text, text) IS
'Attaches journal_entries_<suffix> and journal_lines_<suffix> (a year, or default) in schema '
'ledger or ledger_archive to their parents: these give them their triggers and foreign keys, '
'which are checked, and the rows are checked to be of that year. Internal.';
