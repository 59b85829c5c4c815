-- Give the posted entries of a fiscal year that have none their numbers, in order, without gaps.
CREATE OR REPLACE FUNCTION ledger.number_entries(
    p_tenant_id integer,
    p_business_id integer,
    p_fiscal_year_id uuid,
    p_period_id uuid DEFAULT NULL,
    p_through date DEFAULT NULL
)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_series text := 'journal/' || p_fiscal_year_id;
    v_last bigint;
    v_count bigint;
BEGIN
    -- Written, not only locked: an older snapshot fails with 40001 instead of giving a number
    -- twice.
    INSERT INTO core.document_counters AS c (tenant_id, business_id, series, last_number)
    VALUES (p_tenant_id, p_business_id, v_series, 0)
    ON CONFLICT (tenant_id, business_id, series) DO UPDATE SET last_number = c.last_number
    RETURNING c.last_number INTO v_last;
    INSERT INTO ledger.journal_numbers (
        tenant_id, business_id, fiscal_year_id, journal_number, entry_id
    )
    SELECT
        p_tenant_id,
        p_business_id,
        p_fiscal_year_id,
        v_last + row_number() OVER (
            ORDER BY e.entry_date, e.period_kind, e.posted_at, e.entry_number
        ),
        e.id
    FROM ledger.fiscal_periods AS p
    INNER JOIN ledger.journal_entries AS e
        ON e.tenant_id = p.tenant_id AND e.business_id = p.business_id AND e.period_id = p.id
    WHERE p.tenant_id = p_tenant_id
        AND p.business_id = p_business_id
        AND p.fiscal_year_id = p_fiscal_year_id
        AND (p_period_id IS NULL OR p.id = p_period_id)
        AND e.entry_date <= coalesce(p_through, 'infinity')
        AND e.posted_at IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM ledger.journal_numbers AS n
            WHERE n.tenant_id = p_tenant_id AND n.entry_id = e.id
        );
    GET DIAGNOSTICS v_count = ROW_COUNT;
    UPDATE core.document_counters AS c
    SET last_number = v_last + v_count
    WHERE c.tenant_id = p_tenant_id
        AND c.business_id = p_business_id
        AND c.series = v_series
        AND v_count > 0;
    RETURN v_count;
END;
$$;
COMMENT ON FUNCTION ledger.number_entries(integer, integer, uuid, uuid, date) IS
'Numbers the posted entries of a fiscal year, or of one period of it, dated up to p_through (NULL: '
'all), that have no journal number yet, by date, kind of period, time of posting and entry number; '
'returns how many. The counter stays locked until the transaction ends. Internal.';
