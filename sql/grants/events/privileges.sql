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
-- An apply worker is asked for the partition too. It passes row security anyway.
DO $do$
DECLARE
    v_table regclass;
BEGIN
    FOR v_table IN SELECT t.relid FROM pg_partition_tree('events.event_store') AS t LOOP
        EXECUTE format('GRANT INSERT ON %s TO pgerp_subscriber', v_table);
    END LOOP;
END;
$do$;

-- What checks call.
GRANT EXECUTE ON FUNCTION events.handlers(text), events.is_here(text) TO pgerp_backup;

DO $do$
BEGIN
    PERFORM core.grant_services('events');
END;
$do$;
