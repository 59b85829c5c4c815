-- An idempotency key that is reserved for events names an entry that a posting rule made
SELECT
    k.tenant_id,
    k.idempotency_key,
    k.entry_id
FROM ledger.idempotency_keys AS k
WHERE
    starts_with(k.idempotency_key, 'event:')
    AND NOT EXISTS (
        SELECT FROM events.processed_events AS d
        WHERE
            d.tenant_id = k.tenant_id
            AND d.handler = 'ledger.post_event'
            AND (d.result ->> 'entry_id')::uuid = k.entry_id
    );
