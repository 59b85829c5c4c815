-- Pending holds are drafts and hold the sums of their lines; holds that ended hold nothing
WITH lines AS (
    SELECT
        l.tenant_id,
        l.entry_id,
        l.account_id,
        l.business_id,
        sum(l.amount) AS amount
    FROM ledger.holds AS h
    INNER JOIN ledger.all_journal_lines AS l
        ON h.tenant_id = l.tenant_id AND h.entry_id = l.entry_id
    WHERE h.state = 'pending'
    GROUP BY l.tenant_id, l.entry_id, l.account_id, l.business_id
    HAVING sum(l.amount) <> 0
)

SELECT
    coalesce(m.tenant_id, l.tenant_id) AS tenant_id,
    coalesce(m.entry_id, l.entry_id) AS entry_id,
    coalesce(m.account_id, l.account_id) AS account_id,
    m.amount AS held,
    l.amount AS lines,
    NULL AS state
FROM ledger.held_amounts AS m
FULL JOIN lines AS l
    ON
        m.tenant_id = l.tenant_id
        AND m.entry_id = l.entry_id
        AND m.account_id = l.account_id
        AND m.business_id = l.business_id
WHERE m.amount IS DISTINCT FROM l.amount
UNION ALL
SELECT
    h.tenant_id,
    h.entry_id,
    m.account_id,
    m.amount AS held,
    NULL AS lines,
    h.state::text AS state
FROM ledger.holds AS h
INNER JOIN ledger.held_amounts AS m ON h.tenant_id = m.tenant_id AND h.entry_id = m.entry_id
WHERE h.state <> 'pending' OR m.expires_at <> h.expires_at
UNION ALL
SELECT
    h.tenant_id,
    h.entry_id,
    NULL AS account_id,
    NULL AS held,
    NULL AS lines,
    h.state::text AS state
FROM ledger.holds AS h
LEFT JOIN ledger.all_journal_entries AS e ON h.tenant_id = e.tenant_id AND h.entry_id = e.id
WHERE
    (h.state = 'pending' AND e.status IS DISTINCT FROM 'DRAFT')
    OR (h.state <> 'pending' AND e.status = 'DRAFT')
    OR (h.posted_entry_id = h.entry_id AND e.id IS NOT NULL AND e.posted_at IS NULL)
    OR (h.state IN ('released', 'expired') AND e.posted_at IS NOT NULL);
