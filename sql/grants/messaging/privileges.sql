-- Who may do what in messaging: reading, then what is called.
-- reapply: migrations
DO $do$
BEGIN
    -- It tells of all tenants together.
    PERFORM core.reset_privileges('messaging', '{queue_status}');
END;
$do$;

GRANT USAGE ON SCHEMA messaging TO pgerp_worker;

GRANT EXECUTE ON FUNCTION
messaging.languages(text, text),
messaging.placeholders(text),
messaging.sms_segments(text),
messaging.values_problem(text, jsonb),
messaging.fill(text, jsonb),
messaging.render(text, text, jsonb, text)
TO pgerp_app, pgerp_readonly, pgerp_auditor;

GRANT EXECUTE ON FUNCTION
messaging.save_template(jsonb, integer, integer),
messaging.queue_message(text, uuid, text, jsonb, text, timestamptz, integer),
messaging.queue_messages(text, jsonb, integer),
messaging.cancel_message(uuid, integer),
messaging.retry_message(uuid, integer),
messaging.note_delivery(text, text, boolean, timestamptz, text, integer)
TO pgerp_app;

GRANT EXECUTE ON FUNCTION
messaging.tenants_with_work(),
messaging.claim_messages(integer, text, integer, interval),
messaging.note_sent(integer, uuid, integer, text),
messaging.note_failed(integer, uuid, integer, text, boolean),
messaging.release_message(integer, uuid, integer)
TO pgerp_worker;

-- Who watches is of no tenant: counts and ages.
GRANT USAGE ON SCHEMA messaging TO pgerp_monitor;
GRANT SELECT ON messaging.queue_status TO pgerp_monitor;
GRANT EXECUTE ON FUNCTION messaging.count_queue() TO pgerp_monitor;
-- Nothing that a dump holds.
REVOKE ALL ON messaging.queue_status FROM pgerp_backup;

-- What checks and views call.
GRANT EXECUTE ON FUNCTION messaging.sms_segments(text), messaging.placeholders(text)
TO pgerp_backup;

DO $do$
BEGIN
    PERFORM core.grant_services('messaging');
END;
$do$;
