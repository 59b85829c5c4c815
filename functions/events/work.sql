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
    v_due record;
    v_event events.event_store;
    v_sqlstate text;
    v_message text;
BEGIN
    handled := 0;
    failed := 0;
    parked := 0;
    PERFORM events.enter(p_tenant_id, session_user::text);
    FOR v_due IN SELECT d.* FROM events.due_events(p_tenant_id, p_limit) AS d LOOP
        v_event := v_due.event;
        BEGIN
            IF v_event.id IS NULL THEN
                RAISE EXCEPTION 'event % is not in the store', (v_due.pending).event_id
                USING ERRCODE = 'no_data_found',
                    HINT = 'pgerp services resync brings it, or events.skip gives it up.';
            END IF;
            PERFORM events.enter(p_tenant_id, v_event.actor, v_event.correlation_id);
            -- What repair noted while it was acted upon is done already.
            IF NOT EXISTS (
                SELECT FROM events.processed_events AS d
                WHERE d.tenant_id = p_tenant_id
                    AND d.handler = (v_due.pending).handler
                    AND d.event_id = v_event.id
            ) THEN
                PERFORM events.handle(v_event, (v_due.pending).handler);
            END IF;
            -- It is locked, so it is still there.
            DELETE FROM events.pending AS p
            WHERE p.ctid = v_due.place AND p.tenant_id = p_tenant_id;
            handled := handled + 1;
        EXCEPTION
            WHEN OTHERS OR assert_failure THEN
                GET STACKED DIAGNOSTICS
                    v_sqlstate := RETURNED_SQLSTATE,
                    v_message := MESSAGE_TEXT;
                PERFORM events.enter(p_tenant_id, v_event.actor, v_event.correlation_id);
                failed := failed + 1;
                IF events.note_failure(v_due.pending, v_event, v_sqlstate, v_message) THEN
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
