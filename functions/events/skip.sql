-- requires: identity.current_tenant
-- Leave an event out for a handler, and say why.
CREATE OR REPLACE FUNCTION events.skip(
    p_handler text,
    p_event_id uuid,
    p_reason text,
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
    IF p_reason IS NULL OR core.is_blank(p_reason) OR length(p_reason) > 2000 THEN
        RAISE EXCEPTION 'a reason is needed'
        USING ERRCODE = 'ZE007',
            DETAIL = 'An event that is left out is recorded with who did it and why.',
            HINT = 'Give up to 2000 characters.';
    END IF;
    INSERT INTO events.processed_events (
        tenant_id, handler, event_id, business_id, result, processed_at
    )
    VALUES (
        p_tenant_id, p_handler, p_event_id, v_pending.business_id,
        jsonb_build_object(
            'skipped', p_reason,
            'by', core.current_actor(),
            'sqlstate', v_pending.last_sqlstate,
            'error', v_pending.last_error
        ),
        clock_timestamp()
    );
    DELETE FROM events.pending AS p
    WHERE p.tenant_id = p_tenant_id
        AND p.handler = v_pending.handler
        AND p.event_id = v_pending.event_id;
END;
$$;
COMMENT ON FUNCTION events.skip(text, uuid, text, integer) IS
'Leaves a pending event out for a handler: events.processed_events records who did it, why, and '
'the last error; the events of its stream that wait behind it go on. Raises ZI001 to ZI004, ZI011 '
'(token), ZE006 (not pending), ZE007 (no reason, or too long).';
