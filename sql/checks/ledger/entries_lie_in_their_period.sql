-- Every entry lies in the fiscal period of its date, and its lines have its business and date
SELECT
    e.tenant_id,
    e.id AS entry_id,
    e.entry_date,
    p.code AS period_code,
    NULL AS line_no
FROM ledger.all_journal_entries AS e
INNER JOIN ledger.fiscal_periods AS p
    ON e.tenant_id = p.tenant_id AND e.business_id = p.business_id AND e.period_id = p.id
WHERE e.entry_date NOT BETWEEN p.starts_on AND p.ends_on
UNION ALL
SELECT
    e.tenant_id,
    e.id,
    l.entry_date,
    NULL AS period_code,
    l.line_no
FROM ledger.all_journal_entries AS e
INNER JOIN ledger.all_journal_lines AS l ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
WHERE l.business_id <> e.business_id OR l.entry_date <> e.entry_date;
