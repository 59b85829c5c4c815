-- The latest event of each employee is of the version that the row has
WITH told AS (
    SELECT
        v.tenant_id,
        v.aggregate_id,
        max((v.payload ->> 'version')::integer) AS version
    FROM events.event_store AS v
    WHERE v.aggregate_type = 'employee'
    GROUP BY v.tenant_id, v.aggregate_id
)

SELECT
    t.tenant_id,
    t.aggregate_id AS employee_id,
    t.version AS version_of_event,
    e.version AS version_of_row
FROM told AS t
LEFT JOIN hr.employees AS e ON t.tenant_id = e.tenant_id AND t.aggregate_id = e.id::text
WHERE e.version IS DISTINCT FROM t.version;
