-- Give a worker messages to send, which no other worker gets until its lease ends.
CREATE OR REPLACE FUNCTION messaging.claim_messages(
    p_tenant_id integer,
    p_gateway text,
    p_limit integer DEFAULT 20,
    p_lease interval DEFAULT '2 minutes'
)
RETURNS TABLE (
    message_id uuid,
    attempt integer,
    channel messaging.channel,
    phone_encrypted text,
    email text,
    subject text,
    body text
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_ids uuid[];
BEGIN
    PERFORM events.enter(p_tenant_id, session_user::text);
    IF p_limit IS NULL OR p_limit NOT BETWEEN 1 AND 1000
        OR p_lease IS NULL OR p_lease < interval '1 second' OR p_lease > interval '1 day'
        OR p_gateway IS NULL
    THEN
        RAISE EXCEPTION 'that cannot be claimed'
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Give a gateway, 1 to 1000 messages, and a lease of 1 second to 1 day.';
    END IF;
    LOOP
        v_ids := ARRAY(
            SELECT m.id
            FROM messaging.messages AS m
            WHERE m.tenant_id = p_tenant_id AND m.due_at <= clock_timestamp()
            ORDER BY m.due_at
            LIMIT p_limit
            FOR UPDATE SKIP LOCKED
        );
        EXIT WHEN v_ids = '{}';
        -- A statement of its own: it sees what was withdrawn or anonymised before the rows were
        -- locked.
        UPDATE messaging.messages AS m
        SET
            status = w.status,
            suppressed_for = w.suppressed_for,
            attempts = m.attempts + (w.status = 'claimed')::integer,
            attempts_left = m.attempts_left - (w.status = 'claimed')::integer,
            due_at = CASE WHEN w.status = 'claimed' THEN clock_timestamp() + p_lease END,
            claimed_by = CASE
                WHEN w.status = 'claimed' THEN format('%s %s', session_user, pg_backend_pid())
            END,
            gateway = CASE WHEN w.status = 'claimed' THEN p_gateway ELSE m.gateway END,
            phone_encrypted = CASE
                WHEN w.status <> 'claimed' OR m.customer_id IS NULL THEN m.phone_encrypted
                ELSE w.phone_encrypted
            END,
            phone_hash = CASE
                WHEN w.status <> 'claimed' OR m.customer_id IS NULL THEN m.phone_hash
                ELSE w.phone_hash
            END,
            email = CASE
                WHEN w.status <> 'claimed' OR m.customer_id IS NULL THEN m.email ELSE w.email
            END,
            last_error = CASE
                WHEN w.status = 'failed' AND m.body IS NOT NULL
                    THEN 'the worker never said what became of it'
                ELSE m.last_error
            END
        FROM (
            SELECT
                o.id,
                r.*,
                CASE
                    WHEN r.suppressed_for IS NOT NULL THEN 'suppressed'
                    WHEN o.attempts_left = 0 THEN 'failed'
                    ELSE 'claimed'
                END::messaging.message_status AS status
            FROM messaging.messages AS o
            LEFT JOIN LATERAL messaging.find_recipient(
                o.tenant_id, o.customer_id, o.channel, o.purpose, o.needs_consent
            ) AS r ON true
            WHERE o.tenant_id = p_tenant_id AND o.id = ANY (v_ids)
        ) AS w
        WHERE m.tenant_id = p_tenant_id AND m.id = w.id;
        -- When none of them may be sent, others may.
        EXIT WHEN EXISTS (
            SELECT
            FROM messaging.messages AS m
            WHERE m.tenant_id = p_tenant_id AND m.id = ANY (v_ids) AND m.status = 'claimed'
        );
    END LOOP;
    RETURN QUERY
    SELECT
        m.id,
        m.attempts::integer,
        m.channel,
        m.phone_encrypted::text,
        m.email::text,
        m.subject,
        m.body
    FROM messaging.messages AS m
    WHERE m.tenant_id = p_tenant_id AND m.id = ANY (v_ids) AND m.status = 'claimed'
    ORDER BY m.id;
END;
$$;
COMMENT ON FUNCTION messaging.claim_messages(integer, text, integer, interval) IS
'Claims up to p_limit messages of a tenant that are due, longest waiting first, for p_lease: until '
'then no other call gets them; after it they are claimed again, or failed when their attempts are '
'used up. Consent and contact are looked at now: what may not be sent becomes suppressed. Returns '
'what to send, and the attempt to name in messaging.note_sent and note_failed. Commit before you '
'send. Several may run at once. For members of pgerp_worker. Raises 22023 (p_gateway, p_limit or '
'p_lease).';
