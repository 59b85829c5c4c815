-- A message that is going to be changed, by who may see it.
CREATE OR REPLACE FUNCTION messaging.lock_message(p_tenant_id integer, p_message_id uuid)
RETURNS messaging.messages
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_message messaging.messages;
    v_allowed text := current_setting('pgerp.business_ids', true);
BEGIN
    SELECT m.* INTO v_message
    FROM messaging.messages AS m
    WHERE m.tenant_id = p_tenant_id AND m.id = p_message_id
        AND (v_allowed = '*' OR v_allowed::jsonb @> to_jsonb(m.business_id))
    FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such message: %', coalesce(p_message_id::text, 'NULL')
        USING ERRCODE = 'ZM008',
            HINT = 'See messaging.messages.';
    END IF;
    RETURN v_message;
END;
$$;
COMMENT ON FUNCTION messaging.lock_message(integer, uuid) IS
'The message, locked. Internal. Raises ZM008 (there is none, or its business is not covered by the '
'token).';
