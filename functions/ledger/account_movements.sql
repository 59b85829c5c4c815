-- What moved each account between two dates: THE balance function; every statement comes from it.
CREATE OR REPLACE FUNCTION ledger.account_movements(
    p_tenant_id integer,
    p_business_id integer,
    p_from date,
    p_to date,
    p_account_id uuid DEFAULT NULL
)
RETURNS TABLE (account_id uuid, business_id integer, debit numeric, credit numeric)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH periods AS (
        SELECT
            p.business_id,
            p.id,
            p.starts_on >= coalesce(p_from, '-infinity')
            AND p.ends_on <= coalesce(p_to, 'infinity') AS is_whole
        FROM ledger.fiscal_periods AS p
        WHERE p.tenant_id = p_tenant_id
            AND (p_business_id IS NULL OR p.business_id = p_business_id)
            AND p.ends_on >= coalesce(p_from, '-infinity')
            AND p.starts_on <= coalesce(p_to, 'infinity')
    )

    SELECT
        m.account_id,
        m.business_id,
        sum(m.debit),
        sum(m.credit)
    FROM (
        SELECT
            b.account_id,
            b.business_id,
            b.debit::numeric AS debit,
            b.credit::numeric AS credit
        FROM periods AS p
        INNER JOIN ledger.account_balances AS b
            ON b.tenant_id = p_tenant_id AND b.business_id = p.business_id AND b.period_id = p.id
        WHERE p.is_whole AND (p_account_id IS NULL OR b.account_id = p_account_id)
        UNION ALL
        SELECT
            l.account_id,
            l.business_id,
            greatest(l.amount, 0),
            greatest(-l.amount, 0)
        FROM periods AS p
        INNER JOIN ledger.journal_entries AS e
            ON e.tenant_id = p_tenant_id AND e.business_id = p.business_id AND e.period_id = p.id
        INNER JOIN ledger.journal_lines AS l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
        WHERE NOT p.is_whole
            AND (p_account_id IS NULL OR l.account_id = p_account_id)
            AND e.posted_at IS NOT NULL
            AND e.entry_date BETWEEN coalesce(p_from, '-infinity') AND coalesce(p_to, 'infinity')
    ) AS m
    GROUP BY m.account_id, m.business_id;
$$;
COMMENT ON FUNCTION ledger.account_movements(integer, integer, date, date, uuid) IS
'Debits and credits (both positive, functional currency) of every account, or of the given one, '
'that moved from p_from to p_to, both included and by effective date; NULL: without bound; '
'business NULL: all. Whole periods come from ledger.account_balances, the cut ones from their '
'lines. All statements and balances rest on it, so they cannot disagree.';
