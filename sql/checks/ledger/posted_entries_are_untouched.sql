-- Nobody has changed an entry since it was posted
SELECT
    e.tenant_id,
    e.id AS entry_id,
    e.posted_at,
    e.last_modified_at,
    e.last_modified_by
FROM ledger.all_journal_entries AS e
WHERE e.status = 'POSTED' AND e.last_modified_at <> e.posted_at;
