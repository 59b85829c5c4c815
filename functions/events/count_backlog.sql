-- What waits for the handlers of this database, of all tenants together.
CREATE OR REPLACE FUNCTION events.count_backlog()
RETURNS TABLE (
    handler text,
    waiting bigint,
    due bigint,
    failing bigint,
    parked bigint,
    oldest_waiting_at timestamptz,
    oldest_parked_at timestamptz
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
                    p.handler,
                    count(*) FILTER (WHERE p.status = 'waiting') AS waiting,
                    count(*) FILTER (
                        WHERE p.status = 'waiting' AND p.due_at <= clock_timestamp()
                    ) AS due,
                    count(*) FILTER (
                        WHERE p.status = 'waiting' AND p.last_sqlstate IS NOT NULL
                    ) AS failing,
                    count(*) FILTER (WHERE p.status = 'parked') AS parked,
                    min(p.arrived_at) FILTER (WHERE p.status = 'waiting') AS oldest_waiting_at,
                    min(p.arrived_at) FILTER (WHERE p.status = 'parked') AS oldest_parked_at
                FROM events.pending AS p
                WHERE p.tenant_id = v_tenant_id
                GROUP BY p.handler
            ) AS c
        );
    END LOOP;
    -- Of the same tenant as before, mostly none.
    PERFORM set_config('pgerp.tenant_id', coalesce(v_before, ''), true);
    RETURN QUERY
    SELECT
        h.handler,
        coalesce(sum(c.waiting), 0)::bigint,
        coalesce(sum(c.due), 0)::bigint,
        coalesce(sum(c.failing), 0)::bigint,
        coalesce(sum(c.parked), 0)::bigint,
        min(c.oldest_waiting_at),
        min(c.oldest_parked_at)
    FROM (
        SELECT s.handler::text AS handler
        FROM events.subscriptions AS s
        WHERE to_regprocedure(s.handler || '(events.event_store)') IS NOT NULL
        UNION
        SELECT r.handler
        FROM jsonb_to_recordset(v_counts) AS r (handler text)
    ) AS h
    LEFT JOIN jsonb_to_recordset(v_counts) AS c (
        handler text, waiting bigint, due bigint, failing bigint, parked bigint,
        oldest_waiting_at timestamptz, oldest_parked_at timestamptz
    ) ON c.handler = h.handler
    GROUP BY h.handler;
END;
$$;
COMMENT ON FUNCTION events.count_backlog() IS
'Counts and oldest arrivals of events.pending by handler, of all tenants together: a row for each '
'handler of this database, and for those that are gone and have events left. Needs no token and '
'tells of no tenant. For pgerp_monitor, who reads events.backlog.';
