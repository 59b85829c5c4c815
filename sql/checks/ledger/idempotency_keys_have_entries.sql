-- Every idempotency key names an entry
SELECT
    k.tenant_id,
    k.idempotency_key,
    k.entry_id
FROM ledger.idempotency_keys AS k
WHERE NOT EXISTS (
    SELECT FROM ledger.all_journal_entries AS e
    WHERE e.tenant_id = k.tenant_id AND e.id = k.entry_id
);
