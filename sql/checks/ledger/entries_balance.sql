-- Posted entries have at least two lines, and these sum to zero
SELECT
    e.tenant_id,
    e.id AS entry_id,
    count(l.line_no) AS lines,
    coalesce(sum(l.amount), 0) AS debits_less_credits
FROM ledger.all_journal_entries AS e
LEFT JOIN ledger.all_journal_lines AS l ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
WHERE e.posted_at IS NOT NULL
GROUP BY e.tenant_id, e.id
HAVING count(l.line_no) < 2 OR coalesce(sum(l.amount), 0) <> 0;
