-- What hr says of employees: each event has the whole present state, so the latest is enough.
-- depends: 20261127_2041_events_read_permission

DO $do$
BEGIN
    INSERT INTO events.event_types (
        code, aggregate_type, description, payload_schema, read_permission
    )
    SELECT
        t.code,
        'employee',
        t.description,
        '{
            "type": "object",
            "required": ["employee_id", "version", "employee_no", "name", "department_code",
                "status", "hired_on", "effective_on", "salaries"],
            "additionalProperties": false,
            "properties": {
                "employee_id": {"type": "string", "format": "uuid"},
                "version": {"type": "integer", "minimum": 1},
                "employee_no": {"type": "string"},
                "name": {"type": "string"},
                "title": {"type": "string"},
                "department_code": {"type": "string"},
                "manager_no": {"type": "string"},
                "status": {"enum": ["active", "on_leave", "terminated"]},
                "hired_on": {"type": "string", "format": "date"},
                "terminated_on": {"type": "string", "format": "date"},
                "effective_on": {"type": "string", "format": "date"},
                "salaries": {"type": "array", "minItems": 1, "items": {
                    "type": "object",
                    "required": ["effective_from", "amount", "unit", "currency_code"],
                    "additionalProperties": false,
                    "properties": {
                        "effective_from": {"type": "string", "format": "date"},
                        "amount": {"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.0001},
                        "unit": {"enum": ["month", "year"]},
                        "currency_code": {"type": "string", "pattern": "^[A-Z]{3}$"}
                    }
                }}
            }
        }',
        'payroll.read'
    FROM (VALUES
        ('hr.employee_hired', 'Somebody was employed.'),
        ('hr.employee_transferred', 'An employee has another department, title or manager.'),
        ('hr.employee_salary_changed', 'An employee earns another salary from some day on.'),
        ('hr.employee_leave_started', 'An employee went on leave.'),
        ('hr.employee_returned', 'An employee is back from leave.'),
        ('hr.employee_terminated', 'Employment has or gets a last day.'),
        ('hr.employee_renamed', 'An employee has another name.'),
        ('hr.employee_numbers_changed', 'Sensitive numbers of an employee changed, untold here.')
    ) AS t (code, description);

    INSERT INTO events.subscriptions (event_type, handler)
    SELECT
        t.code,
        'payroll.cache_employee'
    FROM events.event_types AS t
    WHERE t.aggregate_type = 'employee';
END;
$do$;
