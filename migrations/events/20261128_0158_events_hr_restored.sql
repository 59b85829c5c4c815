-- Events of hr have what makes hr's own rows again after a restore, departments included.
-- depends: 20261127_2042_events_of_hr

DO $do$
BEGIN
    UPDATE events.event_types AS t
    SET
        payload_schema = jsonb_set(
            t.payload_schema, '{properties}',
            (t.payload_schema -> 'properties') || '{
                "department_name": {"type": "string"},
                "department_budget_code": {"type": "string"}
            }'
        )
    WHERE t.aggregate_type = 'employee';

    INSERT INTO events.event_types (
        code, aggregate_type, description, payload_schema, read_permission
    )
    SELECT
        'hr.employee_restated',
        t.aggregate_type,
        'After a restore: what hr has of an employee, whatever was said before.',
        t.payload_schema,
        t.read_permission
    FROM events.event_types AS t
    WHERE t.code = 'hr.employee_hired';

    INSERT INTO events.subscriptions (event_type, handler) VALUES
    ('hr.employee_restated', 'payroll.cache_employee');
END;
$do$;
