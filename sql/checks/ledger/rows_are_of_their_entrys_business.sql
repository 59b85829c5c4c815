-- What is kept about an entry is of the entry's business, and so is read by its readers only
SELECT
    r.tenant_id,
    r.kept_in,
    r.entry_id,
    r.business_id,
    e.business_id AS entry_business_id
FROM (
    SELECT
        x.tenant_id,
        'reversals' AS kept_in,
        v.entry_id,
        x.business_id
    FROM ledger.reversals AS x
    CROSS JOIN LATERAL (VALUES (x.entry_id), (x.reversal_id)) AS v (entry_id)
    UNION ALL
    SELECT
        h.tenant_id,
        'holds' AS kept_in,
        v.entry_id,
        h.business_id
    FROM ledger.holds AS h
    CROSS JOIN LATERAL (VALUES (h.entry_id), (h.posted_entry_id)) AS v (entry_id)
    UNION ALL
    SELECT
        p.tenant_id,
        'period_events' AS kept_in,
        p.entry_id,
        p.business_id
    FROM ledger.period_events AS p
    UNION ALL
    SELECT
        w.tenant_id,
        'budget_warnings' AS kept_in,
        w.entry_id,
        w.business_id
    FROM ledger.budget_warnings AS w
    UNION ALL
    SELECT
        m.tenant_id,
        'matches' AS kept_in,
        m.gain_entry_id AS entry_id,
        m.business_id
    FROM ledger.matches AS m
    UNION ALL
    SELECT
        s.tenant_id,
        'sealed_entries' AS kept_in,
        s.entry_id,
        s.business_id
    FROM ledger.sealed_entries AS s
) AS r
INNER JOIN ledger.all_journal_entries AS e ON r.tenant_id = e.tenant_id AND r.entry_id = e.id
WHERE r.business_id <> e.business_id;
