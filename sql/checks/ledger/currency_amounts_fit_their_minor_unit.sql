-- No posted amount in another currency is finer than the smallest unit of that currency
SELECT
    l.tenant_id,
    l.entry_id,
    l.line_no,
    l.currency_code,
    l.currency_amount
FROM ledger.all_journal_lines AS l
INNER JOIN ledger.all_journal_entries AS e ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
INNER JOIN ledger.currencies AS c ON l.currency_code = c.code
WHERE
    e.posted_at IS NOT NULL
    AND l.currency_amount <> round(l.currency_amount, coalesce(c.minor_unit, 4));
