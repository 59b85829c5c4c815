-- Cash flows by what stands against cash in each entry.
CREATE OR REPLACE FUNCTION ledger.direct_cash_flows(
    p_tenant_id integer,
    p_business_id integer,
    p_from date,
    p_to date,
    p_cash uuid[]
)
RETURNS TABLE (
    section text,
    item text,
    account_code text,
    account_name text,
    amount numeric
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
-- To plan for the journal's partitions takes longer than to read them.
SET plan_cache_mode = 'force_generic_plan'
AS $$
DECLARE
    -- COALESCE in the query is not leakproof: under row security no index would take it.
    v_from date := coalesce(p_from, '-infinity');
    v_to date := coalesce(p_to, 'infinity');
BEGIN
    RETURN QUERY
    WITH touched AS MATERIALIZED (
        -- First the lines of cash, by their index. Each LIMIT and ORDER BY keeps the planner, which
        -- knows neither days nor accounts, from reading whole years instead.
        SELECT
            l.entry_id,
            sum(l.amount) AS cash
        FROM identity.businesses AS u
        CROSS JOIN unnest(p_cash) AS c (account_id)
        CROSS JOIN LATERAL (
            SELECT
                n.entry_id,
                n.amount::numeric AS amount
            FROM ledger.all_journal_lines AS n
            WHERE n.tenant_id = p_tenant_id
                AND n.account_id = c.account_id
                AND n.business_id = u.id
                AND n.entry_date BETWEEN v_from AND v_to
            ORDER BY n.entry_date
        ) AS l
        WHERE u.tenant_id = p_tenant_id AND (p_business_id IS NULL OR u.id = p_business_id)
        GROUP BY l.entry_id
    ),

    moved AS (
        -- What moved between cash accounts comes to nothing.
        SELECT
            t.entry_id,
            t.cash
        FROM touched AS t
        CROSS JOIN LATERAL (
            SELECT
                n.posted_at,
                n.period_kind
            FROM ledger.all_journal_entries AS n
            WHERE n.tenant_id = p_tenant_id AND n.id = t.entry_id
            LIMIT 1
        ) AS e
        WHERE t.cash <> 0 AND e.posted_at IS NOT NULL AND e.period_kind <> 'closing'
    ),

    against AS (
        -- The other side is as large as the cash at least, since the entry balances.
        SELECT
            m.cash,
            l.account_id,
            abs(l.amount) AS size,
            sum(abs(l.amount)) OVER (PARTITION BY m.entry_id ORDER BY l.line_no) AS up_to,
            sum(abs(l.amount)) OVER (PARTITION BY m.entry_id) AS total
        FROM moved AS m
        CROSS JOIN LATERAL (
            SELECT
                n.line_no,
                n.account_id,
                n.amount::numeric AS amount
            FROM ledger.all_journal_lines AS n
            WHERE n.tenant_id = p_tenant_id AND n.entry_id = m.entry_id
            ORDER BY n.line_no
        ) AS l
        WHERE l.account_id <> ALL (p_cash) AND sign(l.amount) = -sign(m.cash)
    ),

    shares AS (
        -- Each share ends where the next begins, so that they sum to the cash.
        SELECT
            g.account_id,
            g.cash > 0 AS is_receipt,
            sum(
                round(g.cash * g.up_to / g.total, 4)
                - round(g.cash * (g.up_to - g.size) / g.total, 4)
            ) AS amount
        FROM against AS g
        GROUP BY g.account_id, g.cash > 0
    )

    SELECT
        coalesce(
            a.cash_flow_activity,
            CASE a.type_code WHEN 'EQUITY' THEN 'financing' ELSE 'operating' END
        ),
        CASE WHEN s.is_receipt THEN 'receipts' ELSE 'payments' END,
        a.code::text,
        a.name::text,
        s.amount
    FROM shares AS s
    INNER JOIN ledger.accounts AS a ON a.tenant_id = p_tenant_id AND a.id = s.account_id;
END;
$$;
COMMENT ON FUNCTION ledger.direct_cash_flows(integer, integer, date, date, uuid[]) IS
'The flows of ledger.cash_flow_statement by the direct method, without its totals; p_cash: the '
'accounts that are cash. Under the caller''s row security.';
