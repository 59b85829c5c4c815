-- Lock what an operator decides upon.
CREATE OR REPLACE FUNCTION events.lock_pending(
    p_tenant_id integer,
    p_handler text,
    p_event_id uuid
)
RETURNS events.pending
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_pending events.pending;
    v_allowed text := current_setting('pgerp.business_ids', true);
BEGIN
    SELECT p.* INTO v_pending
    FROM events.pending AS p
    WHERE p.tenant_id = p_tenant_id AND p.handler = p_handler AND p.event_id = p_event_id
        AND (
            v_allowed = '*'
            OR p.business_id IS NULL
            OR v_allowed::jsonb @> to_jsonb(p.business_id)
        )
    FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'event % is not pending for %', coalesce(p_event_id::text, 'NULL'),
            coalesce(p_handler, 'NULL')
        USING ERRCODE = 'ZE006',
            HINT = 'See events.parked, and events.processed_events for what was done.';
    END IF;
    RETURN v_pending;
END;
$$;
COMMENT ON FUNCTION events.lock_pending(integer, text, uuid) IS
'The pending row of an event and a handler, locked. Internal. Raises ZE006 (there is none, or its '
'business is not covered by the token).';
