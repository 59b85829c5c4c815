-- Partitions by year, made ahead, and for rows that came before their partition.
CREATE OR REPLACE FUNCTION core.create_year_partitions(
    p_table regclass,
    p_years_ahead integer DEFAULT 2
)
RETURNS TABLE (year integer, moved_rows bigint)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
SET role = 'pgerp_owner'
-- Less than deadlock_timeout: whoever writes is never the one that is given up.
SET lock_timeout = '500ms'
AS $$
DECLARE
    v_this_year integer := extract(YEAR FROM now() AT TIME ZONE 'UTC');
    v_default text := p_table || '_default';
    v_key text;
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
    SELECT a.attname INTO v_key
    FROM pg_catalog.pg_partitioned_table AS t
    INNER JOIN pg_catalog.pg_attribute AS a
        ON a.attrelid = t.partrelid AND a.attnum = t.partattrs[0]
    WHERE t.partrelid = p_table AND t.partdefid = to_regclass(v_default);
    IF NOT FOUND THEN
        RAISE EXCEPTION '% is not partitioned by year', coalesce(p_table::text, 'NULL')
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Name a table with partitions <table>_<year> and <table>_default.';
    END IF;
    v_has_strays := pg_relation_size(v_default::regclass) > 0;
    IF NOT v_has_strays AND NOT EXISTS (
        SELECT FROM generate_series(v_this_year, v_this_year + p_years_ahead) AS y (n)
        WHERE to_regclass(p_table || '_' || y.n) IS NULL
    ) THEN
        RETURN;
    END IF;
    IF v_has_strays THEN
        EXECUTE format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', p_table);
        EXECUTE format('ALTER TABLE %s DETACH PARTITION %s', p_table, v_default::regclass);
        -- Of every tenant; nobody else sees the table before the transaction ends.
        EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', v_default::regclass);
        EXECUTE format(
            'SELECT array_agg(DISTINCT extract(YEAR FROM core.uuid_v7_time(%I) '
            'AT TIME ZONE ''UTC'')::integer) FROM %s', v_key, v_default::regclass
        )
        INTO v_years;
    ELSE
        EXECUTE format('LOCK TABLE ONLY %s IN SHARE ROW EXCLUSIVE MODE', p_table);
    END IF;
    FOR v_year IN
        SELECT w.n
        FROM (
            SELECT generate_series(v_this_year, v_this_year + p_years_ahead) AS n
            UNION
            SELECT unnest(v_years)
        ) AS w
        WHERE w.n <= v_this_year + p_years_ahead
            AND to_regclass(p_table || '_' || w.n) IS NULL
        ORDER BY w.n
    LOOP
        year := v_year;
        moved_rows := core.make_year_partition(p_table, v_key, v_year, v_has_strays);
        RETURN NEXT;
    END LOOP;
    IF v_has_strays THEN
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', v_default::regclass);
        EXECUTE format(
            'ALTER TABLE %s ATTACH PARTITION %s DEFAULT', p_table, v_default::regclass
        );
    END IF;
END;
$$;
COMMENT ON FUNCTION core.create_year_partitions(regclass, integer) IS
'Makes the partitions <table>_<year> of a table that is partitioned by the time of its uuids, for '
'this year and the given number of years ahead (0 to 50), as far as they are missing, and for '
'earlier years of which rows lie in <table>_default; such rows are moved. Returns the years made, '
'each with the number of rows moved. For maintenance: needs a member of pgerp_owner. Others wait '
'for it; it waits 500 ms at most for a lock and then raises 55P03: run it again (pgerp maintain '
'does). Raises 22023 (p_years_ahead, or a table that is not so partitioned), 42501 (not a member).';
