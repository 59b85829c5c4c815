CREATE OR REPLACE VIEW messaging.queue_status WITH (security_invoker = true) AS
SELECT
    c.channel,
    c.queued,
    c.due,
    c.claimed,
    c.expired,
    c.failed AS failed_last_day,
    c.oldest_due_at,
    extract(EPOCH FROM clock_timestamp() - c.oldest_due_at) AS oldest_due_seconds
FROM messaging.count_queue() AS c;
COMMENT ON VIEW messaging.queue_status IS
'The queue of messages by channel, of all tenants together: queued, of these due; claimed, of '
'these with a lease that ended; failed within the last day; when the oldest became due, and how '
'many seconds ago (NULL: none). Counts and ages only: for pgerp_monitor, without a token.';
