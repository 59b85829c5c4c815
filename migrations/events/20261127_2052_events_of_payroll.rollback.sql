DO $do$
BEGIN
    -- What seeds made of them.
    IF to_regclass('ledger.reference_posting_rules') IS NOT NULL THEN
        DELETE FROM ledger.reference_posting_rules AS r
        WHERE r.event_type LIKE 'payroll.record_%';
    END IF;
END;
$do$;
DELETE FROM events.subscriptions AS s
WHERE s.event_type LIKE 'payroll.record_%' OR s.event_type LIKE 'ledger.payroll_%';
DELETE FROM events.event_types AS t
WHERE t.code LIKE 'payroll.record_%' OR t.code LIKE 'ledger.payroll_%';
