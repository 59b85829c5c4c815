-- The history of each fiscal period leads from open to the status that it has
SELECT
    p.tenant_id,
    p.business_id,
    p.code,
    p.status,
    x.new_status AS recorded_status
FROM ledger.fiscal_periods AS p
LEFT JOIN LATERAL (
    SELECT v.new_status
    FROM ledger.period_events AS v
    WHERE
        v.tenant_id = p.tenant_id
        AND v.business_id = p.business_id
        AND v.period_id = p.id
        AND v.action <> 'posted'
    ORDER BY v.id DESC
    LIMIT 1
) AS x ON true
WHERE p.status <> coalesce(x.new_status, 'open')
UNION ALL
SELECT
    v.tenant_id,
    v.business_id,
    v.entry_id::text,
    v.new_status,
    NULL AS recorded_status
FROM ledger.period_events AS v
LEFT JOIN ledger.all_journal_entries AS e ON v.tenant_id = e.tenant_id AND v.entry_id = e.id
WHERE v.action = 'posted' AND (e.posted_at IS NULL OR e.period_id <> v.period_id);
