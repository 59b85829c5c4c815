-- What archiving the years before a date would move, and what forbids it.
CREATE OR REPLACE FUNCTION ledger.archive_plan(p_before date)
RETURNS TABLE (year integer, tenant text, entries bigint, sqlstate text, problem text)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
SET role = 'pgerp_owner'
AS $$
DECLARE
    v_tenant record;
    v_years integer[] := ARRAY(
        SELECT substr(c.relname, 17)::integer
        FROM pg_catalog.pg_inherits AS i
        INNER JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'ledger.journal_entries'::regclass
            AND c.relname ~ '^journal_entries_[0-9]{4}$'
            AND make_date(substr(c.relname, 17)::integer + 1, 1, 1) <= p_before
        ORDER BY 1
    );
    v_entered text := current_setting('pgerp.tenant_id', true);
BEGIN
    IF p_before IS NULL THEN
        RAISE EXCEPTION 'no date is given'
        USING ERRCODE = 'null_value_not_allowed',
            HINT = 'Years that ended before the date are archived.';
    END IF;
    FOR v_tenant IN
        SELECT
            t.id,
            t.name
        FROM identity.tenants AS t
        ORDER BY t.id
    LOOP
        -- What the owner may read is what the tenant that it works for has.
        PERFORM set_config('pgerp.tenant_id', v_tenant.id::text, true);
        RETURN QUERY
        SELECT
            f.year,
            v_tenant.name::text,
            f.entries,
            CASE
                WHEN f.last_day >= p_before OR f.keep_from < p_before THEN 'ZL080'
                WHEN f.open_years IS NOT NULL THEN 'ZL081'
                WHEN f.drafts > 0 THEN 'ZL083'
                WHEN f.unsealed > 0 THEN 'ZL082'
            END,
            CASE
                WHEN f.keep_from < p_before
                    THEN format('the retention ends with entries before %s', f.keep_from)
                WHEN f.last_day >= p_before
                    THEN format('entries of a fiscal year that ends on %s', f.last_day)
                WHEN f.open_years IS NOT NULL
                    THEN format('fiscal years that are not closed: %s', f.open_years)
                WHEN f.drafts > 0 THEN format('drafts: %s', f.drafts)
                WHEN f.unsealed > 0 THEN format('entries not sealed: %s', f.unsealed)
            END
        FROM (
            SELECT
                s.year,
                s.entries,
                s.drafts,
                s.unsealed,
                s.last_day,
                (current_date - make_interval(years => coalesce((
                    SELECT r.retention_years
                    FROM ledger.retention_rules AS r
                    WHERE r.tenant_id = v_tenant.id
                ), 7)))::date AS keep_from,
                (
                    SELECT string_agg(DISTINCT u.code || ' ' || y.code, ', ')
                    FROM ledger.fiscal_years AS y
                    INNER JOIN ledger.fiscal_periods AS p
                        ON p.tenant_id = y.tenant_id
                        AND p.business_id = y.business_id
                        AND p.fiscal_year_id = y.id
                    INNER JOIN identity.businesses AS u
                        ON u.tenant_id = y.tenant_id AND u.id = y.business_id
                    WHERE y.tenant_id = v_tenant.id
                        AND y.id = ANY (s.fiscal_years)
                        AND p.status <> 'closed'
                ) AS open_years
            FROM (
                SELECT
                    w.year,
                    count(*) AS entries,
                    count(*) FILTER (WHERE e.status = 'DRAFT') AS drafts,
                    count(*) FILTER (
                        WHERE e.posted_at IS NOT NULL AND x.entry_id IS NULL
                    ) AS unsealed,
                    max(y.ends_on) AS last_day,
                    array_agg(DISTINCT y.id) AS fiscal_years
                FROM unnest(v_years) AS w (year)
                INNER JOIN ledger.journal_entries AS e
                    ON e.tenant_id = v_tenant.id
                    AND e.id >= core.uuid_v7_floor(
                        make_timestamptz(w.year, 1, 1, 0, 0, 0, 'UTC')
                    )
                    AND e.id < core.uuid_v7_floor(
                        make_timestamptz(w.year + 1, 1, 1, 0, 0, 0, 'UTC')
                    )
                INNER JOIN ledger.fiscal_periods AS p
                    ON p.tenant_id = e.tenant_id
                    AND p.business_id = e.business_id
                    AND p.id = e.period_id
                INNER JOIN ledger.fiscal_years AS y
                    ON y.tenant_id = p.tenant_id
                    AND y.business_id = p.business_id
                    AND y.id = p.fiscal_year_id
                LEFT JOIN ledger.sealed_entries AS x
                    ON x.tenant_id = e.tenant_id AND x.entry_id = e.id
                GROUP BY w.year
            ) AS s
        ) AS f
        ORDER BY f.year;
    END LOOP;
    PERFORM set_config('pgerp.tenant_id', coalesce(v_entered, ''), true);
END;
$$;
COMMENT ON FUNCTION ledger.archive_plan(date) IS
'For each year of the live journal that ended before the date, and each tenant with entries in '
'it: their number, and the first reason why the year cannot be archived (NULL: none). Years are '
'those in which entries were made, as partitions are. sqlstate: ZL080 (younger than the '
'retention, or of a fiscal year that ends on or after the date), ZL081 (a fiscal year is not '
'closed), ZL083 (drafts, which open holds are too), ZL082 (not sealed). For maintenance: needs a '
'member of pgerp_owner. Raises 22004 (no date), 42501 (not a member).';
