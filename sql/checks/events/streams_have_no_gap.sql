-- The events that this database emitted of an aggregate are numbered from 1 to its head.
SELECT
    h.tenant_id,
    h.aggregate_type,
    h.aggregate_id,
    h.version,
    count(e.id) AS events
FROM events.stream_heads AS h
LEFT JOIN events.event_store AS e
    ON
        h.tenant_id = e.tenant_id
        AND h.aggregate_type = e.aggregate_type
        AND h.aggregate_id = e.aggregate_id
GROUP BY h.tenant_id, h.aggregate_type, h.aggregate_id, h.version
HAVING
    count(DISTINCT e.aggregate_version) <> h.version
    OR count(e.id) <> h.version
    OR max(e.aggregate_version) <> h.version;
