-- What a business holds in other currencies on monetary accounts, and with whom, as of a date.
CREATE OR REPLACE FUNCTION ledger.foreign_balances(
    p_tenant_id integer,
    p_business_id integer,
    p_as_of date
)
RETURNS TABLE (
    account_id uuid,
    currency_code text,
    counterparty text,
    currency_amount numeric,
    value numeric
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH periods AS (
        SELECT
            p.id,
            p.ends_on <= p_as_of AS is_whole
        FROM ledger.fiscal_periods AS p
        WHERE p.tenant_id = p_tenant_id
            AND p.business_id = p_business_id
            AND p.starts_on <= p_as_of
    ),

    monetary AS (
        SELECT
            a.id,
            u.currency_code AS functional
        FROM ledger.accounts AS a
        INNER JOIN identity.businesses AS u ON u.tenant_id = a.tenant_id AND u.id = p_business_id
        WHERE a.tenant_id = p_tenant_id
            AND a.is_monetary
            AND a.type_code IN ('ASSET', 'LIABILITY')
            AND (a.business_id IS NULL OR a.business_id = p_business_id)
    ),

    named AS MATERIALIZED (
        SELECT
            l.account_id,
            l.currency_code,
            l.counterparty::text AS counterparty,
            sum(l.currency_amount) AS currency_amount,
            sum(l.amount) AS value
        FROM monetary AS a
        INNER JOIN ledger.all_journal_lines AS l
            ON l.tenant_id = p_tenant_id
            AND l.account_id = a.id
            AND l.business_id = p_business_id
            AND l.counterparty IS NOT NULL
            AND l.currency_code IS NOT NULL
            AND l.entry_date <= p_as_of
        INNER JOIN ledger.all_journal_entries AS e
            ON e.tenant_id = l.tenant_id AND e.id = l.entry_id AND e.posted_at IS NOT NULL
        GROUP BY l.account_id, l.currency_code, l.counterparty
    )

    SELECT
        m.account_id,
        m.currency_code,
        m.counterparty,
        sum(m.currency_amount),
        sum(m.value)
    FROM (
        SELECT
            b.account_id,
            b.currency_code::text AS currency_code,
            NULL AS counterparty,
            b.currency_amount::numeric AS currency_amount,
            (b.debit - b.credit)::numeric AS value
        FROM monetary AS a
        INNER JOIN ledger.account_balances AS b
            ON b.tenant_id = p_tenant_id
            AND b.account_id = a.id
            AND b.business_id = p_business_id
            AND b.currency_code <> a.functional
        INNER JOIN periods AS p ON p.id = b.period_id AND p.is_whole
        UNION ALL
        SELECT
            l.account_id,
            l.currency_code,
            NULL,
            l.currency_amount,
            l.amount
        FROM periods AS p
        INNER JOIN ledger.all_journal_entries AS e
            ON e.tenant_id = p_tenant_id
            AND e.business_id = p_business_id
            AND e.period_id = p.id
            AND e.entry_date <= p_as_of
        INNER JOIN ledger.all_journal_lines AS l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
        INNER JOIN monetary AS a ON a.id = l.account_id
        WHERE NOT p.is_whole AND e.posted_at IS NOT NULL AND l.currency_code IS NOT NULL
        UNION ALL
        -- Balances do not know with whom they are: what is with somebody is taken out of them.
        SELECT
            n.account_id,
            n.currency_code,
            v.counterparty,
            v.sign * n.currency_amount,
            v.sign * n.value
        FROM named AS n
        CROSS JOIN LATERAL (VALUES (n.counterparty, 1), (NULL, -1)) AS v (counterparty, sign)
    ) AS m
    GROUP BY m.account_id, m.currency_code, m.counterparty
    HAVING sum(m.currency_amount) <> 0 OR sum(m.value) <> 0;
END;
$$;
COMMENT ON FUNCTION ledger.foreign_balances(integer, integer, date) IS
'Balances other than zero in currencies other than the functional one, on asset and liability '
'accounts that are monetary, one per counterparty (NULL: what is with nobody): debit positive, in '
'the currency and as carried in the functional one. Whole periods come from '
'ledger.account_balances, the cut one from its lines, what is with somebody from his lines. '
'Internal.';
