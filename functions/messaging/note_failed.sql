-- A message could not be sent: later again, or never.
CREATE OR REPLACE FUNCTION messaging.note_failed(
    p_tenant_id integer,
    p_message_id uuid,
    p_attempt integer,
    p_error text,
    p_is_permanent boolean DEFAULT false
)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_is_permanent boolean := coalesce(p_is_permanent, false);
BEGIN
    PERFORM events.enter(p_tenant_id, session_user::text);
    UPDATE messaging.messages AS m
    SET
        status = CASE
            WHEN v_is_permanent OR m.attempts_left = 0 THEN 'failed' ELSE 'queued'
        END::messaging.message_status,
        -- From half of it to one and a half, so that what failed together does not come together.
        due_at = CASE
            WHEN NOT v_is_permanent AND m.attempts_left > 0
                THEN clock_timestamp() + (0.5 + random())
                    * interval '30 seconds' * 2 ^ least(p_attempt - 1, 7)
        END,
        claimed_by = NULL,
        last_error = CASE WHEN m.body IS NOT NULL THEN left(p_error, 2000) END
    WHERE m.tenant_id = p_tenant_id
        AND m.id = p_message_id
        AND m.status = 'claimed'
        AND m.attempts = p_attempt;
    RETURN FOUND;
END;
$$;
COMMENT ON FUNCTION messaging.note_failed(integer, uuid, integer, text, boolean) IS
'Notes that a claimed message could not be sent, for p_error. It is tried again after about 30 '
'seconds, 1, 2, 4 … minutes, at most about an hour, each between half and one and a half of that; '
'when it is permanent, or the template''s max_attempts are used up, it has failed. False, and '
'nothing is done, when that attempt is over. For members of pgerp_worker.';
