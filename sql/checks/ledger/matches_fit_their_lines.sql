-- Matches join posted lines that belong together, and never settle more of one than there is
WITH sides AS (
    SELECT
        m.tenant_id,
        m.id,
        m.business_id,
        m.account_id,
        m.counterparty,
        m.currency_code,
        m.matched_on,
        m.unmatched_on,
        v.entry_id,
        v.line_no,
        v.amount,
        v.value
    FROM ledger.matches AS m
    CROSS JOIN LATERAL (
        VALUES
        (m.debit_entry_id, m.debit_line_no, m.amount::numeric, m.debit_value::numeric),
        (m.credit_entry_id, m.credit_line_no, -m.amount, -m.credit_value)
    ) AS v (entry_id, line_no, amount, value)
),

joined AS (
    SELECT
        s.*,
        e.posted_at,
        l.entry_date,
        l.business_id AS line_business_id,
        l.account_id AS line_account_id,
        l.counterparty AS line_counterparty,
        coalesce(l.currency_code, u.currency_code) AS line_currency_code,
        coalesce(l.currency_amount, l.amount) AS line_amount,
        l.amount AS line_value,
        sum(s.amount) FILTER (WHERE s.unmatched_on IS NULL)
            OVER (PARTITION BY s.tenant_id, s.entry_id, s.line_no) AS settled,
        sum(s.value) FILTER (WHERE s.unmatched_on IS NULL)
            OVER (PARTITION BY s.tenant_id, s.entry_id, s.line_no) AS settled_value
    FROM sides AS s
    INNER JOIN ledger.all_journal_lines AS l
        ON s.tenant_id = l.tenant_id AND s.entry_id = l.entry_id AND s.line_no = l.line_no
    INNER JOIN ledger.all_journal_entries AS e ON s.tenant_id = e.tenant_id AND s.entry_id = e.id
    INNER JOIN identity.businesses AS u ON l.tenant_id = u.tenant_id AND l.business_id = u.id
)

SELECT
    j.tenant_id,
    j.id AS match_id,
    j.entry_id,
    j.line_no,
    j.line_amount,
    j.settled,
    j.line_value,
    j.settled_value
FROM joined AS j
WHERE
    j.posted_at IS NULL
    OR j.matched_on < j.entry_date
    OR sign(j.amount) <> sign(j.line_amount)
    OR (j.business_id, j.account_id, j.counterparty, j.currency_code)
    IS DISTINCT FROM (
        j.line_business_id, j.line_account_id, j.line_counterparty, j.line_currency_code
    )
    OR abs(j.settled) > abs(j.line_amount)
    OR abs(j.settled_value) > abs(j.line_value);
