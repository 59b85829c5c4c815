-- Move the years before a date from the journal to the archive, or none of them.
CREATE OR REPLACE FUNCTION ledger.archive_before(p_before date)
RETURNS TABLE (year integer, entries bigint)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
SET role = 'pgerp_owner'
-- Less than deadlock_timeout: whoever posts or reads is never the one that is given up.
SET lock_timeout = '500ms'
AS $$
DECLARE
    v_year record;
    v_lock_timeout text := current_setting('lock_timeout');
BEGIN
    -- Nobody changes the entries that are looked at, nor closes or reopens a period meanwhile;
    -- posting and reading go on, for which no stronger lock will do: the foreign keys of posting
    -- take ROW SHARE on every partition. Waiting for old entries makes nobody wait who posts, and
    -- is long enough for autovacuum to step aside.
    PERFORM set_config('lock_timeout', '5s', true);
    FOR v_year IN
        SELECT DISTINCT a.year FROM ledger.archive_plan(p_before) AS a ORDER BY a.year
    LOOP
        EXECUTE format(
            'LOCK TABLE ledger.%I, ledger.%I IN SHARE ROW EXCLUSIVE MODE',
            'journal_entries_' || v_year.year, 'journal_lines_' || v_year.year
        );
    END LOOP;
    PERFORM set_config('lock_timeout', v_lock_timeout, true);
    LOCK TABLE ledger.fiscal_periods IN SHARE ROW EXCLUSIVE MODE;
    FOR v_year IN
        SELECT
            a.year,
            sum(a.entries)::bigint AS entries,
            (array_agg(a.sqlstate ORDER BY a.sqlstate)
                FILTER (WHERE a.sqlstate IS NOT NULL))[1] AS sqlstate,
            string_agg(format('%s: %s', a.tenant, a.problem), '; ' ORDER BY a.sqlstate, a.tenant)
                FILTER (WHERE a.sqlstate IS NOT NULL) AS problem
        FROM ledger.archive_plan(p_before) AS a
        GROUP BY a.year
        ORDER BY a.year
    LOOP
        IF v_year.sqlstate IS NOT NULL THEN
            RAISE EXCEPTION 'year % cannot be archived', v_year.year
            USING ERRCODE = v_year.sqlstate,
                DETAIL = format('%s.', left(v_year.problem, 2000)),
                HINT = 'See ledger.archive_plan; nothing was archived.';
        END IF;
        year := v_year.year;
        entries := v_year.entries;
        -- In the order in which posting takes them; from here on everybody waits.
        LOCK TABLE ONLY ledger.journal_entries, ONLY ledger.journal_lines
        IN ACCESS EXCLUSIVE MODE;
        PERFORM ledger.move_partition(year, 'ledger', 'ledger_archive');
        RETURN NEXT;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION ledger.archive_before(date) IS
'Moves every year of the journal that ended before the date, and in which entries were made, to '
'schema ledger_archive: all of them, or none. Balances and statements stay as they are, for any '
'date. Returns the years with their numbers of entries. Every tenant with entries in such a year '
'must agree (DETAIL names those that do not). For maintenance: needs a member of pgerp_owner. It '
'waits 500 ms at most for a lock and then raises 55P03: run it again (pgerp archive does). '
'Raises ZL080 (younger than the retention), ZL081 (a fiscal year is not closed), ZL082 (not '
'sealed), ZL083 (drafts), 22004 (no date), 42501 (not a member).';
