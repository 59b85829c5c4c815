-- Nobody reports to oneself, through any number of managers
WITH RECURSIVE lines AS (
    SELECT
        e.tenant_id,
        e.id,
        e.employee_no,
        e.manager_id AS above
    FROM hr.employees AS e
    WHERE e.manager_id IS NOT NULL
    UNION
    SELECT
        l.tenant_id,
        l.id,
        l.employee_no,
        m.manager_id
    FROM lines AS l
    INNER JOIN hr.employees AS m ON l.tenant_id = m.tenant_id AND l.above = m.id
    WHERE m.manager_id IS NOT NULL AND l.above <> l.id
)

SELECT
    l.tenant_id,
    l.id,
    l.employee_no
FROM lines AS l
WHERE l.above = l.id;
