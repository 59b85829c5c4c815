-- requires: identity.current_tenant
-- Try an event again that failed or was parked: its cause is mended.
CREATE OR REPLACE FUNCTION events.retry(
    p_handler text,
    p_event_id uuid,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_pending events.pending;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'events.operate');
    v_pending := events.lock_pending(p_tenant_id, p_handler, p_event_id);
    UPDATE events.pending AS p
    SET status = 'waiting', attempts = 0, due_at = clock_timestamp()
    WHERE p.tenant_id = p_tenant_id
        AND p.handler = v_pending.handler
        AND p.event_id = v_pending.event_id;
END;
$$;
COMMENT ON FUNCTION events.retry(text, uuid, integer) IS
'Has a handler try an event again at once, with all its attempts, whether it was parked or waits '
'for its next attempt. Raises ZI001 to ZI004, ZI011 (token), ZE006 (not pending).';
