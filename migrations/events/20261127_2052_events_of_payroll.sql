-- What payroll says of its records, and what the ledger answers.
-- depends: 20261127_2042_events_of_hr

DO $do$
BEGIN
    INSERT INTO events.event_types (
        code, aggregate_type, description, payload_schema, identities, read_permission
    )
    SELECT
        t.code,
        'payroll_record',
        t.description,
        jsonb_build_object(
            'type', 'object',
            'additionalProperties', false,
            'required', (
                SELECT jsonb_agg(k.name ORDER BY k.name)
                FROM jsonb_object_keys(c.properties || t.properties) AS k (name)
            ),
            'properties', c.properties || t.properties
        ),
        t.identities,
        'payroll.read'
    FROM (
        SELECT
            '{
                "record_id": {"type": "string", "format": "uuid"},
                "run_id": {"type": "string", "format": "uuid"},
                "period_code": {"type": "string"},
                "employee_no": {"type": "string"},
                "department_code": {"type": "string"},
                "posting_key": {"type": "string", "minLength": 1},
                "net": {"type": "number", "minimum": 0, "multipleOf": 0.0001}
            }'::jsonb AS properties,
            '{"pay_date": {"type": "string", "format": "date"}}'::jsonb || (
                SELECT jsonb_object_agg(
                    a.name, '{"type": "number", "minimum": 0, "multipleOf": 0.0001}'::jsonb
                )
                FROM unnest(ARRAY[
                    'gross', 'federal_tax', 'state_tax', 'social_security_tax', 'medicare_tax',
                    'paye', 'nssf', 'shif', 'housing_levy', 'other_deductions', 'employer_costs',
                    'employer_social_security', 'employer_medicare', 'employer_nssf',
                    'employer_housing_levy'
                ]) AS a (name)
            ) AS amounts,
            '{
                "gross": ["net", "federal_tax", "state_tax", "social_security_tax", "medicare_tax",
                    "paye", "nssf", "shif", "housing_levy", "other_deductions"],
                "employer_costs": ["employer_social_security", "employer_medicare", "employer_nssf",
                    "employer_housing_levy"]
            }'::jsonb AS sums
    ) AS c
    CROSS JOIN LATERAL (VALUES
        (
            'payroll.record_processed',
            'Pay of an employee was calculated and approved: it is owed.',
            c.amounts,
            c.sums
        ),
        (
            'payroll.record_paid',
            'Net pay of an employee was paid.',
            '{"paid_on": {"type": "string", "format": "date"}}'::jsonb,
            '{}'::jsonb
        ),
        (
            'payroll.record_reversed',
            'Pay that is in the books is undone; amounts are those that were posted.',
            c.amounts || '{
                "reversed_on": {"type": "string", "format": "date"},
                "reason": {"type": "string"},
                "entry_id": {"type": "string", "format": "uuid"}
            }',
            c.sums
        )
    ) AS t (code, description, properties, identities);
END;
$do$;

INSERT INTO events.event_types (code, aggregate_type, description, payload_schema) VALUES
(
    'ledger.payroll_posted', 'posting', 'The ledger made an entry of an event of payroll.',
    '{
        "type": "object",
        "required": ["event_id", "event_type", "aggregate_type", "aggregate_id", "entry_id"],
        "additionalProperties": false,
        "properties": {
            "event_id": {"type": "string", "format": "uuid"},
            "event_type": {"type": "string"},
            "aggregate_type": {"type": "string"},
            "aggregate_id": {"type": "string", "format": "uuid"},
            "entry_id": {"type": ["string", "null"], "format": "uuid"}
        }
    }'
),
(
    'ledger.payroll_rejected', 'posting', 'The ledger gave an event of payroll up.',
    '{
        "type": "object",
        "required": ["event_id", "event_type", "aggregate_type", "aggregate_id", "handler",
            "sqlstate", "reason"],
        "additionalProperties": false,
        "properties": {
            "event_id": {"type": "string", "format": "uuid"},
            "event_type": {"type": "string"},
            "aggregate_type": {"type": "string"},
            "aggregate_id": {"type": "string", "format": "uuid"},
            "handler": {"type": "string"},
            "sqlstate": {"type": "string"},
            "reason": {"type": "string"}
        }
    }'
);

INSERT INTO events.subscriptions (event_type, handler, rejection_type) VALUES
('payroll.record_processed', 'ledger.post_event', 'ledger.payroll_rejected'),
('payroll.record_paid', 'ledger.post_event', 'ledger.payroll_rejected'),
('payroll.record_reversed', 'ledger.post_event', 'ledger.payroll_rejected'),
('ledger.payroll_posted', 'payroll.note_posted', NULL),
('ledger.payroll_rejected', 'payroll.note_rejected', NULL),
('ledger.payroll_posted', 'payroll.note_summary_due', NULL),
('ledger.payroll_rejected', 'payroll.note_summary_due', NULL),
('payroll.record_paid', 'payroll.note_summary_due', NULL);
