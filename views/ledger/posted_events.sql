CREATE OR REPLACE VIEW ledger.posted_events WITH (security_invoker = true) AS
SELECT
    d.tenant_id,
    d.business_id,
    (d.result ->> 'entry_id')::uuid AS entry_id,
    d.event_id,
    e.event_type::text AS event_type,
    e.aggregate_type::text AS aggregate_type,
    e.aggregate_id::text AS aggregate_id,
    (d.result ->> 'rule_id')::uuid AS rule_id,
    (d.result ->> 'revision')::integer AS revision_no,
    coalesce(d.result ->> 'reason', d.result ->> 'skipped') AS reason,
    e.actor,
    e.correlation_id::text AS correlation_id,
    d.processed_at
FROM events.processed_events AS d
INNER JOIN events.event_store AS e ON d.tenant_id = e.tenant_id AND d.event_id = e.id
WHERE d.handler = 'ledger.post_event';
COMMENT ON VIEW ledger.posted_events IS
'What the ledger made of each event that it was given: which entry, by which revision of which '
'posting rule (ledger.posting_rule_details). Where it made none, reason says why: nothing to post, '
'posted before (entry_id is that entry), or left out by an operator.';
