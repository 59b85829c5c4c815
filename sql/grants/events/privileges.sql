-- Who may do what in events: reading, then what is called.
-- reapply: migrations
DO $do$
BEGIN
    PERFORM core.reset_privileges('events', '{stream_heads}');
END;
$do$;

GRANT USAGE ON SCHEMA events TO pgerp_worker;

GRANT EXECUTE ON FUNCTION events.unreadable_types()
TO pgerp_app, pgerp_readonly, pgerp_auditor;

GRANT EXECUTE ON FUNCTION
events.retry(text, uuid, integer),
events.skip(text, uuid, text, integer)
TO pgerp_app;

GRANT EXECUTE ON FUNCTION
events.tenants_with_work(),
events.work(integer, integer)
TO pgerp_worker;

GRANT USAGE ON SCHEMA events TO pgerp_subscriber;
GRANT SELECT, INSERT ON events.event_store TO pgerp_subscriber;

DO $do$
BEGIN
    PERFORM core.grant_services('events');
END;
$do$;
