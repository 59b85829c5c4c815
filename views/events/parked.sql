CREATE OR REPLACE VIEW events.parked WITH (security_invoker = true) AS
SELECT
    p.tenant_id,
    p.business_id,
    p.handler::text AS handler,
    p.event_id,
    e.event_type::text AS event_type,
    p.aggregate_type::text AS aggregate_type,
    p.aggregate_id::text AS aggregate_id,
    p.aggregate_version,
    p.attempts,
    p.last_sqlstate,
    p.last_error,
    p.arrived_at,
    (
        SELECT count(*)
        FROM events.pending AS b
        WHERE
            b.tenant_id = p.tenant_id
            AND b.handler = p.handler
            AND b.aggregate_type = p.aggregate_type
            AND b.aggregate_id = p.aggregate_id
            AND b.aggregate_version > p.aggregate_version
    ) AS waiting_behind,
    e.payload,
    e.actor,
    e.correlation_id::text AS correlation_id
FROM events.pending AS p
INNER JOIN events.event_store AS e ON p.tenant_id = e.tenant_id AND p.event_id = e.id
WHERE p.status = 'parked';
COMMENT ON VIEW events.parked IS
'The events that handlers gave up, with why, and how many of the same stream wait behind each. '
'events.retry tries one again, events.skip leaves it out.';
