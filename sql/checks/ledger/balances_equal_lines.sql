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
    FROM ledger.journal_entries AS e
    INNER JOIN ledger.journal_lines AS l ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
    INNER JOIN identity.businesses AS u ON e.tenant_id = u.tenant_id AND e.business_id = u.id
    WHERE e.status = 'POSTED'
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
    tenant_id,
    account_id,
    business_id,
    period_id,
    currency_code,
    lines.debit AS lines_debit,
    balances.debit AS balance_debit,
    lines.credit AS lines_credit,
    balances.credit AS balance_credit
FROM lines
FULL JOIN balances USING (tenant_id, account_id, business_id, period_id, currency_code)
WHERE
    (lines.debit, lines.credit, lines.currency_amount)
    IS DISTINCT FROM (balances.debit, balances.credit, balances.currency_amount);
