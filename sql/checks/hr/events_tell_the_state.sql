-- The latest event of each employee is of the version that the row has
SELECT
    h.tenant_id,
    h.aggregate_id AS employee_id,
    v.version AS version_of_event,
    e.version AS version_of_row
FROM events.stream_heads AS h
CROSS JOIN LATERAL (
    SELECT max((s.payload ->> 'version')::integer) AS version
    FROM events.event_store AS s
    WHERE
        s.tenant_id = h.tenant_id
        AND s.aggregate_type = h.aggregate_type
        AND s.aggregate_id = h.aggregate_id
) AS v
LEFT JOIN hr.employees AS e ON h.tenant_id = e.tenant_id AND h.aggregate_id = e.id::text
WHERE
    h.aggregate_type = 'employee'
    AND e.version IS DISTINCT FROM v.version;
