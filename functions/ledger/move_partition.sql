-- Move one year of entries and lines between the journal and its archive.
CREATE OR REPLACE FUNCTION ledger.move_partition(p_year integer, p_from text, p_to text)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM ledger.detach_partition(p_from, p_year::text);
    EXECUTE format(
        'ALTER TABLE %I.%I SET SCHEMA %I', p_from, format('journal_entries_%s', p_year), p_to
    );
    EXECUTE format(
        'ALTER TABLE %I.%I SET SCHEMA %I', p_from, format('journal_lines_%s', p_year), p_to
    );
    PERFORM ledger.attach_partition(p_to, p_year::text);
END;
$$;
COMMENT ON FUNCTION ledger.move_partition(integer, text, text) IS
'Moves the tables of a year from schema ledger to ledger_archive or back, from one pair of '
'parents to the other; their rows stay where they are on disk. Internal: called by '
'ledger.archive_before and ledger.restore_archive.';
