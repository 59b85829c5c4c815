-- Partitions of the log, made ahead, and for rows that came before their partition.
CREATE OR REPLACE FUNCTION audit.create_partitions(p_years_ahead integer DEFAULT 2)
RETURNS TABLE (year integer, moved_rows bigint)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
SET role = 'pgerp_owner'
-- Less than deadlock_timeout: whoever writes is never the one that is given up.
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
    v_has_strays := pg_relation_size('audit.log_default') > 0;
    IF NOT v_has_strays AND NOT EXISTS (
        SELECT FROM generate_series(v_this_year, v_this_year + p_years_ahead) AS y (n)
        WHERE to_regclass(format('audit.log_%s', y.n)) IS NULL
    ) THEN
        RETURN;
    END IF;
    IF v_has_strays THEN
        LOCK TABLE ONLY audit.log IN ACCESS EXCLUSIVE MODE;
        ALTER TABLE audit.log DETACH PARTITION audit.log_default;
        -- Of every tenant; nobody else sees the table before the transaction ends.
        ALTER TABLE audit.log_default NO FORCE ROW LEVEL SECURITY;
    ELSE
        LOCK TABLE ONLY audit.log IN SHARE ROW EXCLUSIVE MODE;
    END IF;
    v_years := ARRAY(
        SELECT w.n
        FROM (
            SELECT generate_series(v_this_year, v_this_year + p_years_ahead) AS n
            UNION
            SELECT extract(YEAR FROM core.uuid_v7_time(l.id) AT TIME ZONE 'UTC')::integer
            FROM audit.log_default AS l
            WHERE v_has_strays
        ) AS w
        WHERE w.n <= v_this_year + p_years_ahead
            AND to_regclass(format('audit.log_%s', w.n)) IS NULL
        ORDER BY w.n
    );
    FOREACH v_year IN ARRAY v_years LOOP
        year := v_year;
        moved_rows := audit.make_partition(v_year, v_has_strays);
        RETURN NEXT;
    END LOOP;
    IF v_has_strays THEN
        ALTER TABLE audit.log_default FORCE ROW LEVEL SECURITY;
        ALTER TABLE audit.log ATTACH PARTITION audit.log_default DEFAULT;
    END IF;
END;
$$;
COMMENT ON FUNCTION audit.create_partitions(integer) IS
'Makes the partitions of audit.log for this year and the given number of years ahead (0 to 50), as '
'far as they are missing, and for earlier years of which rows lie in the default partition; such '
'rows are moved. Returns the years made, each with the number of rows moved. For maintenance: '
'needs a member of pgerp_owner. Others wait for it; it waits 500 ms at most for a lock and then '
'raises 55P03: run it again (pgerp maintain does). Raises 22023 (p_years_ahead), 42501 (not a '
'member).';
