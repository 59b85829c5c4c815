-- Who may do what in events: reading, then what is called.
-- reapply: migrations
DO $do$
BEGIN
    -- The last four tell of all tenants together, and of the server.
    PERFORM core.reset_privileges(
        'events',
        '{stream_heads, backlog, replication_status, subscription_status, worker_status}'
    );
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

-- Who watches is of no tenant: counts, ages and what the server says.
GRANT USAGE ON SCHEMA events TO pgerp_monitor;
GRANT SELECT ON
events.backlog,
events.replication_status,
events.subscription_status,
events.worker_status
TO pgerp_monitor;
-- Nothing that a dump holds.
REVOKE ALL ON
events.backlog,
events.replication_status,
events.subscription_status,
events.worker_status
FROM pgerp_backup;
GRANT EXECUTE ON FUNCTION events.count_backlog(), events.sender_lags() TO pgerp_monitor;

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
