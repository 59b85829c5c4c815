-- What moved each account on the given days, from the lines.
CREATE OR REPLACE FUNCTION ledger.movements_of_days(
    p_tenant_id integer,
    p_spans ledger.day_span[],
    p_account_id uuid DEFAULT NULL
)
RETURNS TABLE (account_id uuid, business_id integer, debit numeric, credit numeric)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_spans IS NULL THEN
        RETURN;
    END IF;
    -- All lines, which the index alone answers, less those of entries that are not posted.
    RETURN QUERY
    WITH accounts AS MATERIALIZED (
        SELECT p_account_id AS id
        WHERE p_account_id IS NOT NULL
        UNION ALL
        SELECT a.id
        FROM ledger.accounts AS a
        WHERE a.tenant_id = p_tenant_id AND p_account_id IS NULL
    )

    SELECT
        a.id,
        s.business_id,
        s.factor * coalesce(t.debit, 0),
        s.factor * coalesce(t.credit, 0)
    FROM unnest(p_spans) AS s
    CROSS JOIN accounts AS a
    CROSS JOIN LATERAL (
        SELECT
            sum(l.amount::numeric) FILTER (WHERE l.amount > 0) AS debit,
            -sum(l.amount::numeric) FILTER (WHERE l.amount < 0) AS credit
        FROM ledger.all_journal_lines AS l
        WHERE l.tenant_id = p_tenant_id
            AND l.account_id = a.id
            AND l.business_id = s.business_id
            AND l.entry_date BETWEEN s.first_day AND s.last_day
    ) AS t
    WHERE t.debit IS NOT NULL OR t.credit IS NOT NULL
    UNION ALL
    SELECT
        l.account_id,
        l.business_id,
        -s.factor * greatest(l.amount::numeric, 0),
        -s.factor * greatest(-l.amount::numeric, 0)
    FROM unnest(p_spans) AS s
    INNER JOIN ledger.all_journal_entries AS e
        ON e.tenant_id = p_tenant_id
        AND e.business_id = s.business_id
        AND e.entry_date BETWEEN s.first_day AND s.last_day
        AND e.posted_at IS NULL
    INNER JOIN ledger.all_journal_lines AS l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
    WHERE p_account_id IS NULL OR l.account_id = p_account_id;
END;
$$;
COMMENT ON FUNCTION ledger.movements_of_days(integer, ledger.day_span[], uuid) IS
'Debits and credits of every account, or of the given one, on the days of each span, times its '
'factor; several rows an account. Part of ledger.account_movements, under the caller''s row '
'security.';
