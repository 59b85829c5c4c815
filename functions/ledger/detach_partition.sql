-- Take the entries of one partition, with their lines, out of the journal.
CREATE OR REPLACE FUNCTION ledger.detach_partition(p_schema text, p_suffix text)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_lines regclass := format('%I.%I', p_schema, 'journal_lines_' || p_suffix);
    v_key record;
BEGIN
    EXECUTE format('ALTER TABLE %I.journal_lines DETACH PARTITION %s', p_schema, v_lines);
    -- Alone, they would still refer to the journal, and PostgreSQL would not let their entries go.
    FOR v_key IN
        SELECT k.conname AS name
        FROM pg_catalog.pg_constraint AS k
        WHERE k.conrelid = v_lines
            AND k.contype = 'f'
            AND k.conparentid = 0
            AND k.confrelid = format('%I.journal_entries', p_schema)::regclass
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', v_lines, v_key.name);
    END LOOP;
    EXECUTE format(
        'ALTER TABLE %1$I.journal_entries DETACH PARTITION %1$I.%2$I',
        p_schema, 'journal_entries_' || p_suffix
    );
END;
$$;
COMMENT ON FUNCTION ledger.detach_partition(text, text) IS
'Detaches journal_lines_<suffix>, drops its foreign key to the entries, and detaches '
'journal_entries_<suffix>, in schema ledger or ledger_archive. Both tables stay, without the '
'triggers of the journal. Internal: for functions that attach them again in the same '
'transaction.';
