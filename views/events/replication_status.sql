CREATE OR REPLACE VIEW events.replication_status WITH (security_invoker = true) AS
WITH here AS (
    SELECT
        CASE
            WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
            ELSE pg_catalog.pg_current_wal_lsn()
        END AS lsn
)

SELECT
    s.slot_name::text AS slot_name,
    s.active,
    s.wal_status,
    l.state,
    pg_catalog.pg_wal_lsn_diff(w.lsn, s.confirmed_flush_lsn)::bigint AS lag_bytes,
    CASE
        WHEN l.pid IS NOT NULL AND s.confirmed_flush_lsn >= w.lsn THEN 0
        ELSE extract(EPOCH FROM l.replay_lag)
    END AS lag_seconds,
    pg_catalog.pg_wal_lsn_diff(w.lsn, s.restart_lsn)::bigint AS restart_lag_bytes,
    s.safe_wal_size AS safe_wal_bytes,
    nullif(m.setting::bigint, -1) * 1024 * 1024 AS max_wal_bytes
FROM pg_catalog.pg_replication_slots AS s
CROSS JOIN here AS w
CROSS JOIN pg_catalog.pg_settings AS m
LEFT JOIN events.sender_lags() AS l ON s.active_pid = l.pid
WHERE
    s.slot_name ~ '^pgerp_'
    AND s.database = current_database()
    AND m.name = 'max_slot_wal_keep_size';
COMMENT ON VIEW events.replication_status IS
'Those who receive from this database, a row for each replication slot of pgerp: whether somebody '
'reads it (active), what the server says of its WAL (wal_status: reserved, extended, unreserved, '
'lost), what its sender does (state), how far it is behind in bytes and in seconds (NULL: nobody '
'reads it, or nothing was measured), how much WAL the server keeps for it, how much more it may '
'(safe_wal_bytes) and the limit (max_slot_wal_keep_size); both NULL: none. For pgerp_monitor, '
'without a token.';
