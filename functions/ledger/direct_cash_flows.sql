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
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH touched AS MATERIALIZED (
        -- First the lines of cash, by their index: starting from the entries reads every one.
        SELECT
            l.entry_id,
            sum(l.amount) AS cash
        FROM ledger.all_journal_lines AS l
        WHERE l.tenant_id = p_tenant_id
            AND l.account_id = ANY (p_cash)
            AND (p_business_id IS NULL OR l.business_id = p_business_id)
            AND l.entry_date >= coalesce(p_from, '-infinity')
            AND l.entry_date <= coalesce(p_to, 'infinity')
        GROUP BY l.entry_id
    ),

    moved AS (
        -- What moved between cash accounts comes to nothing.
        SELECT
            t.entry_id,
            t.cash
        FROM touched AS t
        INNER JOIN ledger.all_journal_entries AS e
            ON e.tenant_id = p_tenant_id AND e.id = t.entry_id
        WHERE t.cash <> 0 AND e.posted_at IS NOT NULL AND e.period_kind <> 'closing'
    ),

    against AS (
        -- The other side is as large as the cash at least, since the entry balances.
        SELECT
            m.cash,
            l.account_id,
            abs(l.amount) AS size,
            sum(abs(l.amount)) OVER (PARTITION BY l.entry_id ORDER BY l.line_no) AS up_to,
            sum(abs(l.amount)) OVER (PARTITION BY l.entry_id) AS total
        FROM moved AS m
        INNER JOIN ledger.all_journal_lines AS l
            ON l.tenant_id = p_tenant_id AND l.entry_id = m.entry_id
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
        a.code,
        a.name,
        s.amount
    FROM shares AS s
    INNER JOIN ledger.accounts AS a ON a.tenant_id = p_tenant_id AND a.id = s.account_id;
$$;
COMMENT ON FUNCTION ledger.direct_cash_flows(integer, integer, date, date, uuid[]) IS
'The flows of ledger.cash_flow_statement by the direct method, without its totals; p_cash: the '
'accounts that are cash. Under the caller''s row security.';
