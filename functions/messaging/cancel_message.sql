-- Call a message back before it is sent.
CREATE OR REPLACE FUNCTION messaging.cancel_message(
    p_message_id uuid,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_message messaging.messages;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'messaging.send');
    v_message := messaging.lock_message(p_tenant_id, p_message_id);
    IF v_message.status NOT IN ('queued', 'cancelled') THEN
        RAISE EXCEPTION 'a message that is % cannot be cancelled', v_message.status
        USING ERRCODE = 'ZM006',
            DETAIL = format('Message %s.', p_message_id),
            HINT = 'Only what waits in the queue can be called back.';
    END IF;
    UPDATE messaging.messages AS m
    SET status = 'cancelled', due_at = NULL
    WHERE m.tenant_id = p_tenant_id AND m.id = p_message_id AND m.status = 'queued';
END;
$$;
COMMENT ON FUNCTION messaging.cancel_message(uuid, integer) IS
'Cancels a message that is queued; one that is cancelled stays so. Needs messaging.send. Raises '
'ZI001 to ZI004, ZI009 to ZI011 (token, permission), ZM006 (claimed, sent or over), ZM008 (no such '
'message).';
