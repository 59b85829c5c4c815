-- A handler of this database has acted upon each of its events, or the event is pending for it.
SELECT
    e.tenant_id,
    e.id AS event_id,
    h.handler
FROM events.event_store AS e
CROSS JOIN LATERAL events.handlers(e.event_type) AS h
LEFT JOIN events.processed_events AS d
    ON e.tenant_id = d.tenant_id AND h.handler = d.handler AND e.id = d.event_id
LEFT JOIN events.pending AS p
    ON e.tenant_id = p.tenant_id AND h.handler = p.handler AND e.id = p.event_id
WHERE (d.event_id IS NULL) = (p.event_id IS NULL);
