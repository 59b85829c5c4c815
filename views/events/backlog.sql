CREATE OR REPLACE VIEW events.backlog WITH (security_invoker = true) AS
SELECT
    b.handler,
    b.waiting,
    b.due,
    b.failing,
    b.parked,
    b.oldest_waiting_at,
    extract(EPOCH FROM clock_timestamp() - b.oldest_waiting_at)
        AS oldest_waiting_seconds,
    b.oldest_parked_at,
    extract(EPOCH FROM clock_timestamp() - b.oldest_parked_at)
        AS oldest_parked_seconds
FROM events.count_backlog() AS b;
COMMENT ON VIEW events.backlog IS
'What waits for each handler of this database, of all tenants together: events waiting, of these '
'due now and failing (tried at least once), and parked; when the oldest arrived, and its age in '
'seconds (NULL: none). Counts and ages only: for pgerp_monitor, without a token.';
