-- Have handlers act upon what arrived: the head of each stream, oldest first.
CREATE OR REPLACE FUNCTION events.work(
    p_tenant_id integer,
    p_limit integer DEFAULT 50,
    OUT handled integer,
    OUT failed integer,
    OUT parked integer
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_pending events.pending;
    v_event events.event_store;
    v_sqlstate text;
    v_message text;
BEGIN
    handled := 0;
    failed := 0;
    parked := 0;
    PERFORM events.enter(p_tenant_id, session_user::text);
    FOR v_pending IN
        SELECT p.*
        FROM events.pending AS p
        WHERE p.tenant_id = p_tenant_id
            AND p.status = 'waiting'
            AND p.due_at <= clock_timestamp()
            AND NOT EXISTS (
                SELECT FROM events.pending AS b
                WHERE b.tenant_id = p.tenant_id
                    AND b.handler = p.handler
                    AND b.aggregate_type = p.aggregate_type
                    AND b.aggregate_id = p.aggregate_id
                    AND b.aggregate_version < p.aggregate_version
            )
            -- All events of an aggregate arrive: what lacks its predecessor came too early.
            AND (p.aggregate_version = 1 OR EXISTS (
                SELECT FROM events.event_store AS b
                WHERE b.tenant_id = p.tenant_id
                    AND b.aggregate_type = p.aggregate_type
                    AND b.aggregate_id = p.aggregate_id
                    AND b.aggregate_version = p.aggregate_version - 1
            ))
        ORDER BY p.position
        LIMIT p_limit
        FOR UPDATE OF p SKIP LOCKED
    LOOP
        v_event := NULL;
        BEGIN
            SELECT e.* INTO STRICT v_event
            FROM events.event_store AS e
            WHERE e.tenant_id = p_tenant_id AND e.id = v_pending.event_id;
            PERFORM events.enter(p_tenant_id, v_event.actor, v_event.correlation_id);
            -- What repair noted while it was acted upon is done already.
            IF NOT EXISTS (
                SELECT FROM events.processed_events AS d
                WHERE d.tenant_id = p_tenant_id
                    AND d.handler = v_pending.handler
                    AND d.event_id = v_pending.event_id
            ) THEN
                PERFORM events.handle(v_event, v_pending.handler);
            END IF;
            DELETE FROM events.pending AS p
            WHERE p.tenant_id = p_tenant_id
                AND p.handler = v_pending.handler
                AND p.event_id = v_pending.event_id;
            handled := handled + 1;
        EXCEPTION
            WHEN OTHERS OR assert_failure THEN
                GET STACKED DIAGNOSTICS
                    v_sqlstate := RETURNED_SQLSTATE,
                    v_message := MESSAGE_TEXT;
                PERFORM events.enter(p_tenant_id, v_event.actor, v_event.correlation_id);
                failed := failed + 1;
                IF events.note_failure(v_pending, v_event, v_sqlstate, v_message) THEN
                    parked := parked + 1;
                END IF;
        END;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION events.work(integer, integer) IS
'Acts upon up to p_limit events of a tenant that arrived: of each handler and aggregate the '
'earliest, unless it is parked, not due yet, or came before its predecessor. Each either takes '
'effect together with its record in events.processed_events, or leaves nothing but a note why it '
'failed; what has its record already is only taken off events.pending, and counts as handled. '
'Several may run at once. Returns how many were handled, failed, and of these parked. For members '
'of pgerp_worker.';
