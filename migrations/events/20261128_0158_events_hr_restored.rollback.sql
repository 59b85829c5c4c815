DELETE FROM events.subscriptions AS s
WHERE s.event_type = 'hr.employee_restated';
DELETE FROM events.event_types AS t
WHERE t.code = 'hr.employee_restated';
UPDATE events.event_types AS t
SET
    payload_schema
    = t.payload_schema #- '{properties,department_name}' #- '{properties,department_budget_code}'
WHERE t.aggregate_type = 'employee';
