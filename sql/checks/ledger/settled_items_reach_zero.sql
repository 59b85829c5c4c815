-- What is settled is zero in both currencies: of each line, and of each match with its gain or loss
WITH settled AS (
    SELECT
        s.tenant_id,
        s.entry_id,
        s.line_no,
        sum(s.amount) AS amount,
        sum(s.value) AS value
    FROM (
        SELECT
            d.tenant_id,
            d.debit_entry_id AS entry_id,
            d.debit_line_no AS line_no,
            d.amount,
            d.debit_value AS value
        FROM ledger.matches AS d
        WHERE d.unmatched_on IS NULL
        UNION ALL
        SELECT
            c.tenant_id,
            c.credit_entry_id AS entry_id,
            c.credit_line_no AS line_no,
            -c.amount AS amount,
            -c.credit_value AS value
        FROM ledger.matches AS c
        WHERE c.unmatched_on IS NULL
    ) AS s
    GROUP BY s.tenant_id, s.entry_id, s.line_no
)

SELECT
    l.tenant_id,
    NULL::uuid AS match_id,
    l.entry_id,
    l.line_no,
    l.amount - s.value AS left_over
FROM settled AS s
INNER JOIN ledger.all_journal_lines AS l
    ON s.tenant_id = l.tenant_id AND s.entry_id = l.entry_id AND s.line_no = l.line_no
WHERE coalesce(l.currency_amount, l.amount) = s.amount AND l.amount <> s.value
UNION ALL
SELECT
    m.tenant_id,
    m.id AS match_id,
    m.gain_entry_id AS entry_id,
    NULL AS line_no,
    m.debit_value - m.credit_value + coalesce(g.amount, 0) AS left_over
FROM ledger.matches AS m
LEFT JOIN ledger.all_journal_lines AS g
    ON
        m.tenant_id = g.tenant_id
        AND m.gain_entry_id = g.entry_id
        AND m.account_id = g.account_id
        AND m.currency_code = g.currency_code
        AND g.currency_amount = 0
WHERE
    m.debit_value - m.credit_value + coalesce(g.amount, 0) <> 0
    -- Not those whose entries are archived.
    AND EXISTS (
        SELECT FROM ledger.all_journal_lines AS d
        WHERE d.tenant_id = m.tenant_id AND d.entry_id = m.debit_entry_id
    );
