-- The gateway took a message.
CREATE OR REPLACE FUNCTION messaging.note_sent(
    p_tenant_id integer,
    p_message_id uuid,
    p_attempt integer,
    p_gateway_message_id text DEFAULT NULL
)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM events.enter(p_tenant_id, session_user::text);
    -- Whose lease ended is believed too, while nobody else has the message.
    UPDATE messaging.messages AS m
    SET
        status = 'sent',
        due_at = NULL,
        claimed_by = NULL,
        gateway_message_id = p_gateway_message_id,
        last_error = NULL,
        sent_at = clock_timestamp()
    WHERE m.tenant_id = p_tenant_id
        AND m.id = p_message_id
        AND m.status = 'claimed'
        AND m.attempts = p_attempt;
    RETURN FOUND;
END;
$$;
COMMENT ON FUNCTION messaging.note_sent(integer, uuid, integer, text) IS
'Notes that the gateway took a claimed message, and what it calls it. False, and nothing is done, '
'when that attempt is over: the lease ended and the message is another worker''s, or it was noted '
'before. For members of pgerp_worker.';
