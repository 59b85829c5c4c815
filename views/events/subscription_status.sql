CREATE OR REPLACE VIEW events.subscription_status WITH (security_invoker = true) AS
SELECT
    s.subname::text AS subscription_name,
    s.subenabled AS enabled,
    w.pid AS worker_pid,
    CASE
        WHEN NOT s.subenabled THEN 'disabled'
        WHEN w.pid IS NULL THEN 'down'
        ELSE 'running'
    END AS state,
    (
        SELECT count(*)
        FROM pg_catalog.pg_subscription_rel AS r
        WHERE s.oid = r.srsubid AND r.srsubstate <> 'r'
    ) AS tables_not_ready,
    w.received_lsn,
    extract(EPOCH FROM clock_timestamp() - w.last_msg_receipt_time)
        AS last_message_seconds,
    coalesce(e.apply_error_count, 0) AS apply_errors,
    coalesce(e.sync_error_count, 0) AS sync_errors,
    -- Counted from 18 on, a column for each kind.
    coalesce((
        SELECT sum(k.value::bigint)
        FROM jsonb_each_text(to_jsonb(e)) AS k
        WHERE k.key ~ '^confl_'
    ), 0)::bigint AS conflicts,
    (
        SELECT string_agg(r.srrelid::regclass::text, ', ' ORDER BY r.srrelid::regclass::text)
        FROM pg_catalog.pg_subscription_rel AS r
        WHERE s.oid = r.srsubid AND r.srsubstate <> 'r'
    ) AS unready_tables,
    (
        SELECT count(*)
        FROM pg_catalog.pg_stat_subscription AS c
        WHERE s.oid = c.subid AND c.relid IS NOT NULL AND c.pid IS NOT NULL
    ) AS copy_workers,
    (
        SELECT extract(EPOCH FROM clock_timestamp() - min(a.backend_start))
        FROM pg_catalog.pg_stat_subscription AS c
        INNER JOIN pg_catalog.pg_stat_activity AS a ON c.pid = a.pid
        WHERE s.oid = c.subid AND c.relid IS NOT NULL
    ) AS copy_seconds
FROM pg_catalog.pg_subscription AS s
INNER JOIN pg_catalog.pg_database AS d
    ON s.subdbid = d.oid AND d.datname = current_database()
-- One row a subscription: those that only help (from 16 on) have a leader.
LEFT JOIN pg_catalog.pg_stat_subscription AS w
    ON
        s.oid = w.subid
        AND w.relid IS NULL
        AND w.pid IS NOT NULL
        AND to_jsonb(w) ->> 'leader_pid' IS NULL
LEFT JOIN pg_catalog.pg_stat_subscription_stats AS e ON s.oid = e.subid
WHERE s.subname ~ '^pgerp_';
COMMENT ON VIEW events.subscription_status IS
'What this database receives from, a row for each subscription of pgerp: state running, disabled, '
'or down (enabled, but no apply worker: it fails and is started again every few seconds; the '
'server''s log has why), tables whose first copy is not done, seconds since the last message, '
'errors and conflicts since statistics were reset (conflicts: 0 before PostgreSQL 18, which does '
'not count them); unready_tables: their names, NULL: none; copy_workers: how many copy one now; '
'copy_seconds: for how long the oldest of them is at it, for who has pg_read_all_stats, otherwise '
'NULL (a copy that failed is tried again; sync_errors counts, and the server''s log has why: '
'PostgreSQL keeps no time and no text of it). For pgerp_monitor, without a token.';
