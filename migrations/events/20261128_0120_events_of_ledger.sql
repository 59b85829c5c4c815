-- What the ledger says of its accounts and of what is posted, to a finance that is elsewhere.
-- depends: 20261127_2052_events_of_payroll

INSERT INTO events.event_types (code, aggregate_type, description, payload_schema) VALUES
(
    'ledger.account_saved', 'account',
    'An account was made, or has another code, name or type: its whole present state.',
    '{
        "type": "object",
        "required": ["account_id", "code", "name", "type"],
        "additionalProperties": false,
        "properties": {
            "account_id": {"type": "string", "format": "uuid"},
            "code": {"type": "string", "minLength": 1},
            "name": {"type": "string", "minLength": 1},
            "type": {"enum": ["ASSET", "LIABILITY", "EQUITY", "REVENUE", "EXPENSE"]}
        }
    }'
),
(
    'ledger.entry_posted', 'journal_entry',
    'An entry was posted: what it adds to each account in its fiscal period.',
    '{
        "type": "object",
        "required": ["entry_id", "entry_date", "period", "movements"],
        "additionalProperties": false,
        "properties": {
            "entry_id": {"type": "string", "format": "uuid"},
            "entry_date": {"type": "string", "format": "date"},
            "period": {
                "type": "object",
                "required": ["period_id", "code", "kind", "starts_on", "ends_on"],
                "additionalProperties": false,
                "properties": {
                    "period_id": {"type": "string", "format": "uuid"},
                    "code": {"type": "string", "minLength": 1},
                    "kind": {"enum": ["regular", "adjusting", "closing"]},
                    "starts_on": {"type": "string", "format": "date"},
                    "ends_on": {"type": "string", "format": "date"}
                }
            },
            "movements": {"type": "array", "minItems": 1, "items": {
                "type": "object",
                "required": ["account_id", "debit", "credit"],
                "additionalProperties": false,
                "properties": {
                    "account_id": {"type": "string", "format": "uuid"},
                    "debit": {"type": "number", "minimum": 0, "multipleOf": 0.0001},
                    "credit": {"type": "number", "minimum": 0, "multipleOf": 0.0001}
                }
            }}
        }
    }'
);

INSERT INTO events.subscriptions (event_type, handler) VALUES
('ledger.account_saved', 'finance.cache_account'),
('ledger.entry_posted', 'finance.cache_entry');
