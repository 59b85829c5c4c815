DELETE FROM events.subscriptions AS s
WHERE s.event_type LIKE 'payroll.record_%' OR s.event_type LIKE 'ledger.payroll_%';
DELETE FROM events.event_types AS t
WHERE t.code LIKE 'payroll.record_%' OR t.code LIKE 'ledger.payroll_%';
