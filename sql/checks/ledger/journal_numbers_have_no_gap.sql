-- Journal numbers run from 1 without gaps, and each is that of a posted entry of its year
SELECT
    n.tenant_id,
    n.business_id,
    n.fiscal_year_id,
    NULL AS entry_id,
    count(*) AS numbers,
    max(n.journal_number) AS last_number,
    max(c.last_number) AS counter
FROM ledger.journal_numbers AS n
LEFT JOIN core.document_counters AS c
    ON
        n.tenant_id = c.tenant_id
        AND n.business_id = c.business_id
        AND c.series = 'journal/' || n.fiscal_year_id
GROUP BY n.tenant_id, n.business_id, n.fiscal_year_id
HAVING
    count(*) <> max(n.journal_number)
    OR max(c.last_number) IS DISTINCT FROM max(n.journal_number)
UNION ALL
SELECT
    n.tenant_id,
    n.business_id,
    n.fiscal_year_id,
    n.entry_id,
    NULL AS numbers,
    n.journal_number,
    NULL AS counter
FROM ledger.journal_numbers AS n
LEFT JOIN ledger.all_journal_entries AS e ON n.tenant_id = e.tenant_id AND n.entry_id = e.id
LEFT JOIN ledger.fiscal_periods AS p
    ON e.tenant_id = p.tenant_id AND e.business_id = p.business_id AND e.period_id = p.id
WHERE
    e.posted_at IS NULL
    OR n.business_id <> e.business_id
    OR n.fiscal_year_id <> p.fiscal_year_id;
