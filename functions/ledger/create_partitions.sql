-- Partitions of the journal, made ahead, and for rows that came before their partition.
CREATE OR REPLACE FUNCTION ledger.create_partitions(p_years_ahead integer DEFAULT 2)
RETURNS TABLE (year integer, moved_entries bigint)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
SET role = 'pgerp_owner'
-- Less than deadlock_timeout: whoever posts is never the one that is given up.
SET lock_timeout = '500ms'
AS $$
DECLARE
    v_this_year integer := extract(YEAR FROM now() AT TIME ZONE 'UTC');
    v_has_strays boolean;
    v_years integer[];
    v_year integer;
BEGIN
    IF p_years_ahead IS NULL OR p_years_ahead NOT BETWEEN 0 AND 50 THEN
        RAISE EXCEPTION 'partitions are made for 0 to 50 years ahead'
        USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('Asked for %s.', coalesce(p_years_ahead::text, 'NULL')),
            HINT = 'Two years ahead are enough where maintenance runs at least once a year.';
    END IF;
    v_has_strays := pg_relation_size('ledger.journal_entries_default') > 0;
    IF NOT v_has_strays AND NOT EXISTS (
        SELECT FROM generate_series(v_this_year, v_this_year + p_years_ahead) AS y (n)
        WHERE to_regclass(format('ledger.journal_entries_%s', y.n)) IS NULL
    ) THEN
        RETURN;
    END IF;
    -- In the order in which posting takes them.
    IF v_has_strays THEN
        LOCK TABLE ONLY ledger.journal_entries, ONLY ledger.journal_lines
        IN ACCESS EXCLUSIVE MODE;
        PERFORM ledger.detach_partition('ledger', 'default');
        -- Of every tenant; nobody else sees the tables before the transaction ends.
        ALTER TABLE ledger.journal_entries_default NO FORCE ROW LEVEL SECURITY;
        ALTER TABLE ledger.journal_lines_default NO FORCE ROW LEVEL SECURITY;
    ELSE
        LOCK TABLE ONLY ledger.journal_entries, ONLY ledger.journal_lines
        IN SHARE ROW EXCLUSIVE MODE;
    END IF;
    v_years := ARRAY(
        SELECT w.n
        FROM (
            SELECT generate_series(v_this_year, v_this_year + p_years_ahead) AS n
            UNION
            SELECT extract(YEAR FROM core.uuid_v7_time(e.id) AT TIME ZONE 'UTC')::integer
            FROM ledger.journal_entries_default AS e
            WHERE v_has_strays
        ) AS w
        WHERE w.n <= v_this_year + p_years_ahead
            AND to_regclass(format('ledger.journal_entries_%s', w.n)) IS NULL
            AND to_regclass(format('ledger_archive.journal_entries_%s', w.n)) IS NULL
        ORDER BY w.n
    );
    FOREACH v_year IN ARRAY v_years LOOP
        year := v_year;
        moved_entries := ledger.make_partition_tables(v_year, v_has_strays);
        PERFORM ledger.attach_partition('ledger', v_year::text);
        RETURN NEXT;
    END LOOP;
    IF v_has_strays THEN
        ALTER TABLE ledger.journal_entries_default FORCE ROW LEVEL SECURITY;
        ALTER TABLE ledger.journal_lines_default FORCE ROW LEVEL SECURITY;
        PERFORM ledger.attach_partition('ledger', 'default');
    END IF;
END;
$$;
COMMENT ON FUNCTION ledger.create_partitions(integer) IS
'Makes the partitions of ledger.journal_entries and ledger.journal_lines for this year and the '
'given number of years ahead (0 to 50), as far as they are missing, and for earlier years of '
'which rows lie in the default partition; such rows are moved. Returns the years made, each with '
'the number of entries moved. For maintenance: needs a member of pgerp_owner. Running it again '
'changes nothing. Others wait for it; it waits 500 ms at most for a lock and then raises 55P03: '
'run it again (pgerp maintain does). Raises 22023 (p_years_ahead), 42501 (not a member).';
