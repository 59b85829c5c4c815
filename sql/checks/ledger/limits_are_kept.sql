-- No balance, with what is held, is beyond the limits of its account
-- An account begins at 0, and again where the end of a fiscal year leaves it, whatever its limits;
-- from there nothing leads farther away from them.
WITH held AS (
    SELECT
        m.tenant_id,
        m.account_id,
        m.business_id,
        sum(greatest(m.amount, 0)) AS debit,
        sum(greatest(-m.amount, 0)) AS credit
    FROM ledger.held_amounts AS m
    WHERE m.expires_at > now()
    GROUP BY m.tenant_id, m.account_id, m.business_id
),

bounds AS (
    SELECT
        h.tenant_id,
        h.business_id,
        a.code AS account_code,
        a.minimum_balance,
        a.credit_limit,
        least(
            t.normal_side * (h.balance + coalesce(q.debit, 0)),
            t.normal_side * (h.balance - coalesce(q.credit, 0))
        ) AS lowest,
        greatest(
            t.normal_side * (h.balance + coalesce(q.debit, 0)),
            t.normal_side * (h.balance - coalesce(q.credit, 0))
        ) AS highest,
        least(t.normal_side * h.closed_low, t.normal_side * h.closed_high) AS began_lowest,
        greatest(t.normal_side * h.closed_low, t.normal_side * h.closed_high) AS began_highest
    FROM ledger.account_heads AS h
    INNER JOIN ledger.accounts AS a ON h.tenant_id = a.tenant_id AND h.account_id = a.id
    INNER JOIN ledger.account_types AS t ON a.type_code = t.code
    LEFT JOIN held AS q
        ON
            h.tenant_id = q.tenant_id
            AND h.account_id = q.account_id
            AND h.business_id = q.business_id
)

SELECT b.*
FROM bounds AS b
WHERE
    (b.lowest < b.minimum_balance AND b.lowest < b.began_lowest)
    OR (b.highest > b.credit_limit AND b.highest > b.began_highest);
