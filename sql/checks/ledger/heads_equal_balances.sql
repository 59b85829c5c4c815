-- The heads of accounts with a limit or a version equal their balances and what is held on them
WITH limited AS (
    SELECT
        a.tenant_id,
        a.id AS account_id
    FROM ledger.accounts AS a
    WHERE num_nonnulls(a.minimum_balance, a.credit_limit) > 0 OR a.keeps_version
),

sums AS (
    SELECT
        s.tenant_id,
        s.account_id,
        s.business_id,
        sum(s.balance) AS balance,
        sum(greatest(s.held, 0)) AS held_debit,
        sum(greatest(-s.held, 0)) AS held_credit
    FROM (
        SELECT
            b.tenant_id,
            b.account_id,
            b.business_id,
            b.debit - b.credit AS balance,
            0 AS held
        FROM ledger.account_balances AS b
        UNION ALL
        SELECT
            m.tenant_id,
            m.account_id,
            m.business_id,
            0 AS balance,
            m.amount AS held
        FROM ledger.held_amounts AS m
    ) AS s
    INNER JOIN limited AS n ON s.tenant_id = n.tenant_id AND s.account_id = n.account_id
    GROUP BY s.tenant_id, s.account_id, s.business_id
),

heads AS (
    SELECT h.*
    FROM ledger.account_heads AS h
    INNER JOIN limited AS n ON h.tenant_id = n.tenant_id AND h.account_id = n.account_id
)

SELECT
    coalesce(s.tenant_id, h.tenant_id) AS tenant_id,
    coalesce(s.account_id, h.account_id) AS account_id,
    coalesce(s.business_id, h.business_id) AS business_id,
    s.balance,
    h.balance AS head_balance,
    s.held_debit,
    h.held_debit AS head_held_debit,
    s.held_credit,
    h.held_credit AS head_held_credit
FROM sums AS s
FULL JOIN heads AS h
    ON
        s.tenant_id = h.tenant_id
        AND s.account_id = h.account_id
        AND s.business_id = h.business_id
WHERE
    coalesce(s.balance, 0) <> coalesce(h.balance, 0)
    OR coalesce(s.held_debit, 0) <> coalesce(h.held_debit, 0)
    OR coalesce(s.held_credit, 0) <> coalesce(h.held_credit, 0);
