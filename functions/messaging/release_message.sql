-- A worker gives back what it did not begin to send.
CREATE OR REPLACE FUNCTION messaging.release_message(
    p_tenant_id integer,
    p_message_id uuid,
    p_attempt integer
)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM events.enter(p_tenant_id, session_user::text);
    UPDATE messaging.messages AS m
    SET
        status = 'queued',
        due_at = clock_timestamp(),
        claimed_by = NULL,
        attempts_left = m.attempts_left + 1
    WHERE m.tenant_id = p_tenant_id
        AND m.id = p_message_id
        AND m.status = 'claimed'
        AND m.attempts = p_attempt;
    RETURN FOUND;
END;
$$;
COMMENT ON FUNCTION messaging.release_message(integer, uuid, integer) IS
'Gives a claimed message back that was not handed to the gateway; the attempt does not count. '
'False, and nothing is done, when that attempt is over. For members of pgerp_worker.';
