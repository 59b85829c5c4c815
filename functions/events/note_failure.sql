-- A handler failed: try again later, or park the event and tell its emitter.
CREATE OR REPLACE FUNCTION events.note_failure(
    p_pending events.pending,
    p_event events.event_store,
    p_sqlstate text,
    p_message text
)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- Others were in the way, or the server is short of something: nothing is wrong with the event.
    v_pause interval := CASE
        WHEN p_sqlstate IN ('40001', '40P01', '55P03') THEN interval '50 milliseconds'
        WHEN left(p_sqlstate, 2) IN ('53', '58') THEN interval '10 seconds'
    END;
    v_attempts integer := p_pending.attempts + CASE WHEN v_pause IS NULL THEN 1 ELSE 0 END;
    v_error text := p_message;
    v_subscription record;
    v_is_over boolean;
BEGIN
    SELECT
        h.max_attempts,
        h.rejection_type
    INTO v_subscription
    FROM events.handlers(p_event.event_type) AS h
    WHERE h.handler = p_pending.handler;
    v_is_over := coalesce(v_attempts >= v_subscription.max_attempts, true);
    IF v_is_over AND v_subscription.rejection_type IS NOT NULL THEN
        BEGIN
            PERFORM events.emit(
                p_event.tenant_id,
                v_subscription.rejection_type,
                p_event.id::text,
                jsonb_build_object(
                    'event_id', p_event.id,
                    'event_type', p_event.event_type,
                    'aggregate_type', p_event.aggregate_type,
                    'aggregate_id', p_event.aggregate_id,
                    'handler', p_pending.handler,
                    'sqlstate', p_sqlstate,
                    'reason', p_message
                ),
                p_event.business_id,
                p_event
            );
        EXCEPTION
            WHEN OTHERS OR assert_failure THEN
                -- The emitter does not know, and would never compensate.
                v_is_over := false;
                v_error := format(
                    '%s; %s cannot be emitted: %s (%s)', p_message, v_subscription.rejection_type,
                    SQLERRM, SQLSTATE
                );
        END;
    END IF;
    UPDATE events.pending AS p
    SET
        attempts = v_attempts,
        status = CASE WHEN v_is_over THEN 'parked' ELSE 'waiting' END::events.pending_status,
        -- 2 ^ 10 seconds are more than ten minutes; more of them would be no interval.
        due_at = clock_timestamp() + coalesce(
            v_pause,
            least(interval '1 second' * 2 ^ least(v_attempts - 1, 10), interval '10 minutes')
        ),
        last_sqlstate = p_sqlstate,
        last_error = v_error
    WHERE p.tenant_id = p_pending.tenant_id
        AND p.handler = p_pending.handler
        AND p.event_id = p_pending.event_id;
    RETURN v_is_over;
END;
$$;
COMMENT ON FUNCTION events.note_failure(events.pending, events.event_store, text, text) IS
'Notes why a handler failed on an event that arrived. The next attempt is due after 1, 2, 4 … '
'seconds, at most 10 minutes; when the subscription''s max_attempts are used up the event is '
'parked and the subscription''s rejection_type emitted; where that cannot be emitted, the event is '
'tried on. What failed since others were in the way (40001, 40P01, 55P03) is tried again at once, '
'what failed for want of disk, memory or the like (classes 53 and 58) after 10 seconds, and costs '
'no attempt. Returns whether it was parked. Internal.';
