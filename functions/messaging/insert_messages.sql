-- Queue messages of one business, all or none.
-- requires: messaging.sms_segments
CREATE OR REPLACE FUNCTION messaging.insert_messages(
    p_tenant_id integer,
    p_business_id integer,
    p_messages jsonb
)
RETURNS TABLE (
    ordinal integer,
    message_id uuid,
    status messaging.message_status,
    is_new boolean
)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_rows jsonb;
    v_ids uuid[];
    v_bad record;
BEGIN
    IF jsonb_typeof(p_messages) IS DISTINCT FROM 'array' THEN
        RAISE EXCEPTION 'not a JSON array'
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Give [{"customer_id": …, "template": …, "values": {…}}, …].';
    END IF;
    PERFORM core.require_known(m.item, ARRAY[
        'customer_id', 'phone_encrypted', 'phone_hash', 'email', 'template', 'values',
        'dedup_key', 'not_before'
    ])
    FROM jsonb_array_elements(p_messages) AS m (item);
    -- Each request with its customer, its template in the best language, and what is there already.
    SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY r.ordinal), '[]') INTO v_rows
    FROM (
        SELECT
            m.place AS ordinal,
            core.uuid_v7() AS id,
            (m.item ->> 'customer_id')::uuid AS customer_id,
            c.id IS NOT NULL AS is_known,
            m.item ->> 'phone_encrypted' AS phone_encrypted,
            m.item ->> 'phone_hash' AS phone_hash,
            m.item ->> 'email' AS email,
            m.item ->> 'template' AS template,
            coalesce(m.item -> 'values', '{}') AS template_values,
            m.item ->> 'dedup_key' AS dedup_key,
            (m.item ->> 'not_before')::timestamptz AS not_before,
            t.id AS template_id,
            o.id AS old_id,
            CASE
                WHEN o.id IS NOT NULL THEN NULL
                WHEN t.id IS NOT NULL
                    THEN messaging.values_problem(
                        concat(t.subject, t.body), coalesce(m.item -> 'values', '{}')
                    )
            END AS problem
        FROM jsonb_array_elements(p_messages) WITH ORDINALITY AS m (item, place)
        LEFT JOIN party.customers AS c
            ON c.tenant_id = p_tenant_id AND c.id = (m.item ->> 'customer_id')::uuid
        LEFT JOIN identity.business_settings AS s
            ON s.tenant_id = p_tenant_id AND s.business_id = p_business_id
        LEFT JOIN LATERAL (
            SELECT k.*
            FROM unnest(messaging.languages(c.locale, s.locale))
            WITH ORDINALITY AS l (language, place)
            INNER JOIN messaging.templates AS k
                ON k.tenant_id = p_tenant_id AND lower(k.language) = l.language
            WHERE k.code = m.item ->> 'template' AND k.is_active
            ORDER BY l.place
            LIMIT 1
        ) AS t ON true
        LEFT JOIN messaging.messages AS o
            ON o.tenant_id = p_tenant_id
            AND o.business_id = p_business_id
            AND o.dedup_key = m.item ->> 'dedup_key'
    ) AS r;
    SELECT r.* INTO v_bad
    FROM jsonb_to_recordset(v_rows) AS r (
        ordinal integer, customer_id uuid, is_known boolean, phone_hash text, email text,
        template text, template_id uuid, old_id uuid, problem text
    )
    WHERE (r.customer_id IS NOT NULL AND NOT r.is_known)
        OR num_nonnulls(r.customer_id, r.phone_hash, r.email) <> 1
        OR (r.template_id IS NULL AND r.old_id IS NULL)
        OR r.problem IS NOT NULL
    ORDER BY r.ordinal
    LIMIT 1;
    IF NOT FOUND THEN
        NULL;
    ELSIF num_nonnulls(v_bad.customer_id, v_bad.phone_hash, v_bad.email) <> 1 THEN
        RAISE EXCEPTION 'a message goes to one recipient'
        USING ERRCODE = 'ZM004',
            DETAIL = format('Message %s of the request.', v_bad.ordinal),
            HINT = 'Give customer_id, or phone_encrypted with phone_hash, or email.';
    ELSIF v_bad.customer_id IS NOT NULL AND NOT v_bad.is_known THEN
        RAISE EXCEPTION 'no such customer: %', v_bad.customer_id
        USING ERRCODE = 'ZT001',
            DETAIL = format('Message %s of the request.', v_bad.ordinal),
            HINT = 'Find the id with party.find_customers.';
    ELSIF v_bad.problem IS NOT NULL THEN
        RAISE EXCEPTION '%', v_bad.problem
        USING ERRCODE = 'ZM003',
            DETAIL = format(
                'Message %s of the request, template %s.', v_bad.ordinal, v_bad.template
            ),
            HINT = 'Give a text or number for each placeholder.';
    ELSE
        RAISE EXCEPTION 'no active template % in a language of the customer or the business',
            coalesce(v_bad.template, 'NULL')
        USING ERRCODE = 'ZM001',
            DETAIL = format('Message %s of the request.', v_bad.ordinal),
            HINT = 'See messaging.templates; messaging.save_template makes one.';
    END IF;
    -- Who asks for the same at the same time waits here for the first, and finds its message.
    WITH made AS (
        INSERT INTO messaging.messages (
            tenant_id, id, business_id, customer_id, channel, phone_encrypted, phone_hash, email,
            template_id, template_version, template_values, subject, body, segments, purpose,
            needs_consent, dedup_key, status, suppressed_for, attempts_left, due_at
        )
        SELECT
            p_tenant_id,
            r.id,
            p_business_id,
            r.customer_id,
            t.channel,
            r.phone_encrypted,
            r.phone_hash,
            r.email,
            t.id,
            t.version,
            r.template_values,
            messaging.fill(t.subject, r.template_values),
            f.body,
            CASE t.channel WHEN 'sms' THEN (messaging.sms_segments(f.body)).segments END,
            t.purpose,
            t.needs_consent,
            r.dedup_key,
            CASE
                WHEN w.reason IS NULL THEN 'queued' ELSE 'suppressed'
            END::messaging.message_status,
            w.reason,
            t.max_attempts,
            CASE WHEN w.reason IS NULL THEN greatest(r.not_before, clock_timestamp()) END
        FROM jsonb_to_recordset(v_rows) AS r (
            ordinal integer, id uuid, customer_id uuid, phone_encrypted text, phone_hash text,
            email text, template_values jsonb, dedup_key text, not_before timestamptz,
            template_id uuid, old_id uuid
        )
        INNER JOIN messaging.templates AS t
            ON t.tenant_id = p_tenant_id AND t.id = r.template_id
        CROSS JOIN LATERAL (SELECT messaging.fill(t.body, r.template_values) AS body) AS f
        CROSS JOIN LATERAL (
            SELECT CASE WHEN r.customer_id IS NOT NULL THEN (
                messaging.find_recipient(
                    p_tenant_id, r.customer_id, t.channel, t.purpose, t.needs_consent
                )
            ).suppressed_for END AS reason
        ) AS w
        WHERE r.old_id IS NULL
        ORDER BY r.dedup_key, r.ordinal
        ON CONFLICT ON CONSTRAINT messages_dedup_key_key DO NOTHING
        RETURNING messages.id
    )
    SELECT array_agg(m.id) INTO v_ids
    FROM made AS m;
    v_ids := coalesce(v_ids, '{}');
    SELECT r.* INTO v_bad
    FROM jsonb_to_recordset(v_rows) AS r (
        ordinal integer, id uuid, customer_id uuid, phone_hash text, email text, template text,
        template_values jsonb, dedup_key text
    )
    INNER JOIN messaging.messages AS m
        ON m.tenant_id = p_tenant_id
        AND m.business_id = p_business_id
        AND m.dedup_key = r.dedup_key
    INNER JOIN messaging.templates AS t
        ON t.tenant_id = m.tenant_id AND t.id = m.template_id
    WHERE r.id <> m.id
        AND (
            t.code <> r.template
            OR m.customer_id IS DISTINCT FROM r.customer_id
            OR m.template_values IS DISTINCT FROM r.template_values
            -- A customer's are noted later.
            OR (m.customer_id IS NULL AND (
                m.phone_hash IS DISTINCT FROM r.phone_hash OR m.email IS DISTINCT FROM r.email
            ))
        )
    ORDER BY r.ordinal
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the key % is another message''s', v_bad.dedup_key
        USING ERRCODE = 'ZM005',
            DETAIL = format('Message %s of the request.', v_bad.ordinal),
            HINT = 'The same key is for the same customer, template and values.';
    END IF;
    IF EXISTS (
        SELECT
        FROM messaging.messages AS m
        WHERE m.tenant_id = p_tenant_id AND m.id = ANY (v_ids) AND m.status = 'queued'
    ) THEN
        PERFORM messaging.wake_workers(p_tenant_id);
    END IF;
    RETURN QUERY
    SELECT
        r.ordinal,
        m.id,
        m.status,
        m.id = r.id
    FROM jsonb_to_recordset(v_rows) AS r (ordinal integer, id uuid, dedup_key text)
    INNER JOIN messaging.messages AS m
        ON m.tenant_id = p_tenant_id
        AND m.business_id = p_business_id
        AND (m.id = r.id OR m.dedup_key = r.dedup_key)
    ORDER BY r.ordinal;
END;
$$;
COMMENT ON FUNCTION messaging.insert_messages(integer, integer, jsonb) IS
'Queues an array of messages as messaging.queue_messages says; a row for each of them, in order. '
'Internal: for functions, of domains too, that have entered the tenant and resolved the business. '
'Raises ZM001 (no active template), ZM003 (a value is missing, or cannot be put in), ZM004 (not '
'one recipient), ZM005 (another message has the key), ZT001 (no such customer), ZT002 '
'(anonymised), 22023 (not an array of objects with known keys), 22P02, 22007, 22008, 23514 '
'(malformed).';
