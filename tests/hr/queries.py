"""What hr has, to compare row by row: all but stamps, reasons and sensitive numbers."""

from __future__ import annotations

STATE = """
SELECT e.employee_no, e.name, e.title, d.code, d.name, d.budget_code, m.employee_no,
    e.status::text, e.hired_on, e.terminated_on, e.effective_on, e.version, e.id,
    (SELECT jsonb_agg(jsonb_build_array(s.effective_from, s.amount, s.unit, s.currency_code)
        ORDER BY s.effective_from) FROM hr.salaries AS s WHERE s.employee_id = e.id)
FROM hr.employees AS e
INNER JOIN hr.departments AS d ON d.id = e.department_id
LEFT JOIN hr.employees AS m ON m.id = e.manager_id
ORDER BY e.business_id, e.employee_no"""
HISTORY = """
SELECT e.employee_no, h.version, h.effective_on, h.old_status::text, h.new_status::text,
    o.code, n.code, h.old_title, h.new_title, h.old_manager_id, h.new_manager_id, h.changed_by
FROM hr.employee_history AS h
INNER JOIN hr.employees AS e ON e.id = h.employee_id
LEFT JOIN hr.departments AS o ON o.id = h.old_department_id
INNER JOIN hr.departments AS n ON n.id = h.new_department_id
ORDER BY e.business_id, e.employee_no, h.version"""
