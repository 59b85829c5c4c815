-- The chart as a tree of balances: each account with its own and with all below it.
CREATE OR REPLACE FUNCTION ledger.rolled_up_balances(
    p_business_code text DEFAULT NULL,
    p_as_of date DEFAULT NULL
)
RETURNS TABLE (
    account_code text,
    account_name text,
    account_type text,
    parent_code text,
    level integer,
    balance numeric,
    rolled_up_balance numeric
)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH balances AS MATERIALIZED (
        SELECT
            v.account_id,
            sum(v.debit - v.credit) AS balance
        FROM ledger.account_movements(
            identity.current_tenant(), ledger.readable_business(p_business_code), NULL, p_as_of
        ) AS v
        GROUP BY v.account_id
    ),

    nodes AS MATERIALIZED (
        SELECT n.*
        FROM ledger.account_tree() AS n
        WHERE n.tenant_id = identity.current_tenant()
    ),

    sums AS (
        SELECT
            u.account_id,
            sum(b.balance) AS balance
        FROM balances AS b
        INNER JOIN nodes AS n ON n.account_id = b.account_id
        CROSS JOIN LATERAL unnest(n.lineage) AS u (account_id)
        GROUP BY u.account_id
    )

    SELECT
        a.code,
        a.name,
        a.type_code,
        n.path[n.level - 1],
        n.level,
        coalesce(b.balance, 0.0000),
        s.balance
    FROM sums AS s
    INNER JOIN nodes AS n ON n.account_id = s.account_id
    INNER JOIN ledger.accounts AS a ON a.tenant_id = n.tenant_id AND a.id = n.account_id
    LEFT JOIN balances AS b ON b.account_id = s.account_id
    ORDER BY n.path COLLATE "C";
$$;
COMMENT ON FUNCTION ledger.rolled_up_balances(text, date) IS
'The accounts that have lines as of a date (NULL: everything posted), and those above them, of one '
'business or consolidated (NULL), in the order of the tree: each with its own balance and with '
'that of all accounts below it included, debit positive. The roots'' rolled-up balances sum to '
'zero. Raises ZI002, ZI003 (token), ZI005 (no such business), ZL020 (several functional '
'currencies).';
