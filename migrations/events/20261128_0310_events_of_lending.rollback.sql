DO $do$
BEGIN
    -- What seeds made of them.
    IF to_regclass('ledger.reference_posting_rules') IS NOT NULL THEN
        DELETE FROM ledger.reference_posting_rules AS r
        WHERE starts_with(r.event_type, 'lending.');
    END IF;
END;
$do$;
DELETE FROM events.subscriptions AS s
WHERE starts_with(s.event_type, 'lending.');
DELETE FROM events.event_types AS t
WHERE starts_with(t.code, 'lending.');
