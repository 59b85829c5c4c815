-- Balances equal the sums of the posted lines
WITH lines AS (
    SELECT
        l.tenant_id,
        l.account_id,
        e.business_id,
        e.period_id,
        coalesce(l.currency_code, u.currency_code) AS currency_code,
        sum(greatest(l.amount, 0)) AS debit,
        sum(greatest(-l.amount, 0)) AS credit,
        sum(coalesce(l.currency_amount, l.amount)) AS currency_amount
    FROM ledger.all_journal_entries AS e
    INNER JOIN ledger.all_journal_lines AS l ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
    INNER JOIN identity.businesses AS u ON e.tenant_id = u.tenant_id AND e.business_id = u.id
    WHERE e.posted_at IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5
),

balances AS (
    SELECT
        b.tenant_id,
        b.account_id,
        b.business_id,
        b.period_id,
        b.currency_code,
        sum(b.debit) AS debit,
        sum(b.credit) AS credit,
        sum(b.currency_amount) AS currency_amount
    FROM ledger.account_balances AS b
    GROUP BY 1, 2, 3, 4, 5
)

SELECT
    coalesce(n.tenant_id, b.tenant_id) AS tenant_id,
    coalesce(n.account_id, b.account_id) AS account_id,
    coalesce(n.business_id, b.business_id) AS business_id,
    coalesce(n.period_id, b.period_id) AS period_id,
    coalesce(n.currency_code, b.currency_code) AS currency_code,
    n.debit AS lines_debit,
    b.debit AS balance_debit,
    n.credit AS lines_credit,
    b.credit AS balance_credit,
    n.currency_amount AS lines_currency_amount,
    b.currency_amount AS balance_currency_amount
FROM lines AS n
FULL JOIN balances AS b
    ON
        n.tenant_id = b.tenant_id
        AND n.account_id = b.account_id
        AND n.business_id = b.business_id
        AND n.period_id = b.period_id
        AND n.currency_code = b.currency_code
WHERE
    (n.debit, n.credit, n.currency_amount)
    IS DISTINCT FROM (b.debit, b.credit, b.currency_amount);
