-- Try a message again that failed or was suppressed.
CREATE OR REPLACE FUNCTION messaging.retry_message(
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
    IF v_message.body IS NULL THEN
        RAISE EXCEPTION 'the customer is anonymised'
        USING ERRCODE = 'ZT002',
            DETAIL = format('Message %s has no text any more.', p_message_id),
            HINT = 'Make a new customer if the person comes back.';
    ELSIF v_message.status NOT IN ('failed', 'suppressed') THEN
        RAISE EXCEPTION 'a message that is % is not tried again', v_message.status
        USING ERRCODE = 'ZM006',
            DETAIL = format('Message %s.', p_message_id),
            HINT = 'Only what failed or was suppressed is; queue another message.';
    END IF;
    UPDATE messaging.messages AS m
    SET
        status = 'queued',
        suppressed_for = NULL,
        attempts_left = t.max_attempts,
        due_at = clock_timestamp()
    FROM messaging.templates AS t
    WHERE m.tenant_id = p_tenant_id
        AND m.id = p_message_id
        AND t.tenant_id = p_tenant_id
        AND t.id = m.template_id;
    PERFORM messaging.wake_workers(p_tenant_id);
END;
$$;
COMMENT ON FUNCTION messaging.retry_message(uuid, integer) IS
'Queues a message again that failed or was suppressed, with all its attempts; consent and contact '
'are looked at again when it is claimed. Needs messaging.send. Raises ZI001 to ZI004, ZI009 to '
'ZI011 (token, permission), ZM006 (another status), ZM008 (no such message), ZT002 (the customer '
'is anonymised).';
