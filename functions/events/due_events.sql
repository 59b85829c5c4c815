-- What a worker may act upon now: the head of each stream, oldest first, locked.
CREATE OR REPLACE FUNCTION events.due_events(p_tenant_id integer, p_limit integer)
RETURNS TABLE (place tid, pending events.pending, event events.event_store)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
-- events.pending grows from nothing to thousands and back within a minute: what statistics say of
-- it is never true. Every row is found by its key; sub-selects with LIMIT stay what they are, where
-- EXISTS became a hash of the whole store, or a scan of all that is pending for each row of it; and
-- with an order that is not to be sorted they take the index of streams, where that of the key of a
-- table that was empty when the plan was made had every row of the handler read for each.
SET plan_cache_mode = 'force_generic_plan' SET enable_seqscan = off SET enable_sort = off
AS $$
DECLARE
    v_all CONSTANT bigint := 9223372036854775807;
    v_horizon bigint;
BEGIN
    -- Among the oldest first: where streams are long and other workers have their heads, few are
    -- left, and to look for more would be to read all that waits. It is, where there is none.
    FOREACH v_horizon IN ARRAY ARRAY[
        coalesce((
            SELECT w.position
            FROM events.pending AS w
            WHERE w.tenant_id = p_tenant_id AND w.status = 'waiting'
            ORDER BY w.position
            LIMIT 1
            OFFSET p_limit * 4
        ), v_all),
        v_all
    ] LOOP
        RETURN QUERY
        SELECT
            p.ctid,
            p,
            (
                SELECT e
                FROM events.event_store AS e
                WHERE e.tenant_id = p_tenant_id AND e.id BETWEEN p.event_id AND p.event_id
                ORDER BY e.id
                LIMIT 1
            )
        FROM events.pending AS p
        WHERE p.tenant_id = p_tenant_id
            AND p.status = 'waiting'
            AND p.due_at <= clock_timestamp()
            AND p.position <= v_horizon
            AND p.aggregate_version = (
                SELECT b.aggregate_version
                FROM events.pending AS b
                WHERE b.tenant_id = p_tenant_id
                    AND b.handler = p.handler
                    AND b.aggregate_type = p.aggregate_type
                    AND b.aggregate_id = p.aggregate_id
                ORDER BY b.aggregate_version
                LIMIT 1
            )
            -- All events of an aggregate arrive: what lacks its predecessor came too early.
            AND (p.aggregate_version = 1 OR (
                SELECT true
                FROM events.event_store AS b
                WHERE b.tenant_id = p_tenant_id
                    AND b.aggregate_type = p.aggregate_type
                    AND b.aggregate_id = p.aggregate_id
                    AND b.aggregate_version >= p.aggregate_version - 1
                    AND b.aggregate_version < p.aggregate_version
                ORDER BY b.aggregate_version
                LIMIT 1
            ))
        ORDER BY p.position
        LIMIT p_limit
        FOR UPDATE OF p SKIP LOCKED;
        EXIT WHEN FOUND OR v_horizon = v_all;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION events.due_events(integer, integer) IS
'Up to p_limit rows of events.pending of a tenant with their events, oldest first, each the '
'earliest of its handler and aggregate, not parked, due, and not come before its predecessor; '
'locked until the transaction ends, without those that others have locked. place: where the row '
'is while it is locked. Internal: for events.work.';
