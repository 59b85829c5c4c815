-- What the gateway reports of a message that it took.
CREATE OR REPLACE FUNCTION messaging.note_delivery(
    p_gateway text,
    p_gateway_message_id text,
    p_is_delivered boolean,
    p_reported_at timestamptz DEFAULT NULL,
    p_error text DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS messaging.message_status
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_message messaging.messages;
    v_allowed text;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'messaging.send');
    IF p_is_delivered IS NULL THEN
        RAISE EXCEPTION 'the report does not say whether the message was delivered'
        USING ERRCODE = 'null_value_not_allowed',
            HINT = 'Give true or false; leave out reports of other states.';
    END IF;
    v_allowed := current_setting('pgerp.business_ids', true);
    -- The latest, should a gateway give an id twice.
    SELECT m.* INTO v_message
    FROM messaging.messages AS m
    WHERE m.tenant_id = p_tenant_id
        AND m.gateway = p_gateway
        AND m.gateway_message_id = p_gateway_message_id
        AND (v_allowed = '*' OR v_allowed::jsonb @> to_jsonb(m.business_id))
    ORDER BY m.id DESC
    LIMIT 1
    FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'gateway % sent no message %', coalesce(p_gateway, 'NULL'),
            coalesce(p_gateway_message_id, 'NULL')
        USING ERRCODE = 'ZM008',
            HINT = 'If it was sent just now, have the gateway report again in a moment.';
    END IF;
    -- Reports come twice and out of order: that it arrived is the last word.
    IF p_is_delivered AND v_message.status IN ('sent', 'failed') THEN
        UPDATE messaging.messages AS m
        SET
            status = 'delivered',
            delivered_at = coalesce(p_reported_at, clock_timestamp()),
            last_error = NULL
        WHERE m.tenant_id = p_tenant_id AND m.id = v_message.id;
        RETURN 'delivered'::messaging.message_status;
    ELSIF NOT p_is_delivered AND v_message.status = 'sent' THEN
        UPDATE messaging.messages AS m
        SET
            status = 'failed',
            last_error = CASE
                WHEN m.body IS NOT NULL THEN left(coalesce(p_error, 'not delivered'), 2000)
            END
        WHERE m.tenant_id = p_tenant_id AND m.id = v_message.id;
        RETURN 'failed'::messaging.message_status;
    END IF;
    RETURN v_message.status;
END;
$$;
COMMENT ON FUNCTION
messaging.note_delivery(text, text, boolean, timestamptz, text, integer) IS
'Notes a delivery report about what a gateway calls p_gateway_message_id: delivered, or failed for '
'p_error; returns the message''s status. The same report twice does nothing; delivered is the last '
'word, whichever comes first. p_reported_at: when it arrived. Needs messaging.send. Raises ZI001 '
'to ZI004, ZI009 to ZI011 (token, permission), ZM008 (the gateway sent no such message, or the '
'token does not cover its business), 22004 (p_is_delivered is NULL).';
