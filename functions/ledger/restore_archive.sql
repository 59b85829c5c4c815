-- Take an archived year back into the journal.
CREATE OR REPLACE FUNCTION ledger.restore_archive(p_year integer)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
SET role = 'pgerp_owner'
-- Less than deadlock_timeout: whoever posts or reads is never the one that is given up.
SET lock_timeout = '500ms'
AS $$
BEGIN
    IF to_regclass(format('ledger_archive.journal_entries_%s', p_year)) IS NULL THEN
        RAISE EXCEPTION 'year % is not archived', coalesce(p_year::text, 'NULL')
        USING ERRCODE = 'ZL085',
            HINT = 'The partitions of ledger_archive.journal_entries are the archived years.';
    END IF;
    -- In the order in which posting and reading take them.
    LOCK TABLE
    ONLY ledger.journal_entries,
    ONLY ledger.journal_lines,
    ONLY ledger_archive.journal_entries,
    ONLY ledger_archive.journal_lines
    IN ACCESS EXCLUSIVE MODE;
    PERFORM ledger.move_partition(p_year, 'ledger_archive', 'ledger');
END;
$$;
COMMENT ON FUNCTION ledger.restore_archive(integer) IS
'Moves an archived year back into the journal, where its triggers guard it again. For '
'maintenance: needs a member of pgerp_owner. It waits 500 ms at most for a lock and then raises '
'55P03: run it again. Raises ZL085 (the year is not archived), 42501 (not a member).';
