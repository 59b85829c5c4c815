-- How many messages wait, are being sent, and came to nothing, of all tenants together.
CREATE OR REPLACE FUNCTION messaging.count_queue()
RETURNS TABLE (
    channel messaging.channel,
    queued bigint,
    due bigint,
    claimed bigint,
    expired bigint,
    failed bigint,
    oldest_due_at timestamptz
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_before text := current_setting('pgerp.tenant_id', true);
    v_tenant_id integer;
    v_counts jsonb := '[]'::jsonb;
BEGIN
    -- Row security lets the owner see one tenant at a time.
    FOR v_tenant_id IN SELECT t.id FROM identity.tenants AS t ORDER BY t.id LOOP
        PERFORM set_config('pgerp.tenant_id', v_tenant_id::text, true);
        v_counts := v_counts || (
            SELECT coalesce(jsonb_agg(to_jsonb(c)), '[]')
            FROM (
                SELECT
                    m.channel,
                    count(*) FILTER (WHERE m.status = 'queued') AS queued,
                    count(*) FILTER (
                        WHERE m.status = 'queued' AND m.due_at <= clock_timestamp()
                    ) AS due,
                    count(*) FILTER (WHERE m.status = 'claimed') AS claimed,
                    count(*) FILTER (
                        WHERE m.status = 'claimed' AND m.due_at <= clock_timestamp()
                    ) AS expired,
                    count(*) FILTER (WHERE m.status = 'failed') AS failed,
                    min(m.due_at) FILTER (WHERE m.due_at <= clock_timestamp()) AS oldest_due_at
                FROM messaging.messages AS m
                WHERE m.tenant_id = v_tenant_id
                    AND (
                        m.due_at IS NOT NULL
                        OR m.status = 'failed'
                        AND m.last_modified_at > now() - interval '1 day'
                    )
                GROUP BY m.channel
            ) AS c
        );
    END LOOP;
    -- Of the same tenant as before, mostly none.
    PERFORM set_config('pgerp.tenant_id', coalesce(v_before, ''), true);
    RETURN QUERY
    SELECT
        h.channel,
        coalesce(sum(c.queued), 0)::bigint,
        coalesce(sum(c.due), 0)::bigint,
        coalesce(sum(c.claimed), 0)::bigint,
        coalesce(sum(c.expired), 0)::bigint,
        coalesce(sum(c.failed), 0)::bigint,
        min(c.oldest_due_at)
    FROM unnest(enum_range(NULL::messaging.channel)) AS h (channel)
    LEFT JOIN jsonb_to_recordset(v_counts) AS c (
        channel messaging.channel, queued bigint, due bigint, claimed bigint, expired bigint,
        failed bigint, oldest_due_at timestamptz
    ) ON c.channel = h.channel
    GROUP BY h.channel
    ORDER BY h.channel;
END;
$$;
COMMENT ON FUNCTION messaging.count_queue() IS
'Counts of messaging.messages by channel, of all tenants together: queued, of these due now; '
'claimed, of these with a lease that ended; failed within the last day; when the oldest became '
'due. Needs no token and tells of no tenant. For pgerp_monitor, who reads messaging.queue_status.';
