-- Have one handler act upon one event, and write down that it did.
CREATE OR REPLACE FUNCTION events.handle(p_event events.event_store, p_handler text)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_result jsonb;
BEGIN
    EXECUTE format(
        'SELECT %I.%I($1)', split_part(p_handler, '.', 1), split_part(p_handler, '.', 2)
    )
    INTO v_result
    USING p_event;
    -- A second delivery at the same time waits here, and then fails as a whole.
    INSERT INTO events.processed_events (
        tenant_id, handler, event_id, business_id, result, processed_at
    )
    VALUES (
        p_event.tenant_id, p_handler, p_event.id, p_event.business_id, v_result,
        clock_timestamp()
    );
    RETURN v_result;
END;
$$;
COMMENT ON FUNCTION events.handle(events.event_store, text) IS
'Calls the handler with the event and records its result in events.processed_events. Internal: for '
'functions that have entered the tenant. Raises what the handler raises, and 23505 (it has acted '
'upon the event already).';
