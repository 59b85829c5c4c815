-- How far behind those are who read our slots, in time.
CREATE OR REPLACE FUNCTION events.sender_lags()
RETURNS TABLE (
    pid integer,
    state text,
    write_lag interval,
    flush_lag interval,
    replay_lag interval
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        r.pid,
        r.state,
        r.write_lag,
        r.flush_lag,
        r.replay_lag
    FROM pg_catalog.pg_stat_replication AS r
    INNER JOIN pg_catalog.pg_replication_slots AS s ON s.active_pid = r.pid
    WHERE s.slot_name ~ '^pgerp_' AND s.database = current_database();
$$;
COMMENT ON FUNCTION events.sender_lags() IS
'Of pg_stat_replication, the senders that serve slots of pgerp in this database. The owner may '
'read their state and lag (pg_read_all_stats), which sql/roles.sql gives it when a superuser runs '
'it; otherwise both are NULL. For pgerp_monitor, who reads events.replication_status.';
