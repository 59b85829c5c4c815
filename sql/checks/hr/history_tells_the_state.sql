-- The latest row of each employee's history says the present state, and rows follow on each other
WITH history AS (
    SELECT
        h.*,
        lag(h.new_status) OVER w AS last_status,
        lag(h.new_department_id) OVER w AS last_department_id,
        lag(h.new_title) OVER w AS last_title,
        lag(h.new_manager_id) OVER w AS last_manager_id,
        lead(h.id) OVER w AS next_id
    FROM hr.employee_history AS h
    WINDOW w AS (PARTITION BY h.tenant_id, h.employee_id ORDER BY h.version)
)

SELECT
    e.tenant_id,
    e.id,
    e.employee_no
FROM hr.employees AS e
LEFT JOIN history AS h
    ON e.tenant_id = h.tenant_id AND e.id = h.employee_id
WHERE
    h.id IS NULL
    OR (h.old_status, h.old_department_id, h.old_title, h.old_manager_id)
    IS DISTINCT FROM (h.last_status, h.last_department_id, h.last_title, h.last_manager_id)
    OR (
        h.next_id IS NULL
        AND (h.new_status, h.new_department_id, h.new_title, h.new_manager_id)
        IS DISTINCT FROM (e.status, e.department_id, e.title, e.manager_id)
    );
