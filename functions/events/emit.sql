-- Say what happened: store the event, and have the handlers that are here act upon it at once.
CREATE OR REPLACE FUNCTION events.emit(
    p_tenant_id integer,
    p_event_type text,
    p_aggregate_id text,
    p_payload jsonb,
    p_business_id integer DEFAULT NULL,
    p_cause events.event_store DEFAULT NULL,
    p_expected_version bigint DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_type record;
    v_fits boolean;
    v_problem text;
    v_event events.event_store;
    v_handler text;
BEGIN
    SELECT
        t.aggregate_type,
        t.payload_schema,
        t.identities,
        t.payload_condition,
        t.payload_keys,
        (SELECT s.service FROM events.settings AS s) AS service,
        ARRAY(
            SELECT s.handler::text
            FROM events.subscriptions AS s
            WHERE s.event_type = t.code AND events.is_here(s.handler)
            ORDER BY s.handler
        ) AS handlers
    INTO v_type
    FROM events.event_types AS t
    WHERE t.code = p_event_type;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such type of event: %', coalesce(p_event_type, 'NULL')
        USING ERRCODE = 'ZE001',
            HINT = 'See events.event_types.';
    END IF;
    v_fits := CASE
        WHEN jsonb_typeof(p_payload) = 'object' AND p_payload @@ v_type.payload_condition
            THEN v_type.payload_keys IS NULL OR p_payload - v_type.payload_keys = '{}'
    END;
    IF v_fits IS NOT true THEN
        v_problem := events.schema_problem(v_type.payload_schema, coalesce(p_payload, 'null'));
    END IF;
    IF v_problem IS NULL AND v_type.identities <> '{}' THEN
        v_problem := events.identity_problem(v_type.identities, p_payload);
    END IF;
    IF v_problem IS NOT NULL THEN
        RAISE EXCEPTION 'payload does not fit %: %', p_event_type, v_problem
        USING ERRCODE = 'ZE002',
            HINT = 'See events.event_types for its schema and the sums that must hold.';
    END IF;
    -- Locks the stream until we commit, so that its versions are committed in their order.
    INSERT INTO events.stream_heads AS h (tenant_id, aggregate_type, aggregate_id, version)
    VALUES (p_tenant_id, v_type.aggregate_type, p_aggregate_id, 1)
    ON CONFLICT (tenant_id, aggregate_type, aggregate_id) DO UPDATE SET version = h.version + 1
    RETURNING h.version INTO v_event.aggregate_version;
    IF p_expected_version <> v_event.aggregate_version - 1 THEN
        RAISE EXCEPTION '% % was changed meanwhile', v_type.aggregate_type, p_aggregate_id
        USING ERRCODE = 'ZE004',
            DETAIL = format(
                'Its version is %s, expected was %s.', v_event.aggregate_version - 1,
                p_expected_version
            ),
            HINT = 'Read it again, and decide again.';
    END IF;
    v_event.id := core.uuid_v7();
    INSERT INTO events.event_store AS e (
        tenant_id, id, business_id, source_service, event_type, aggregate_type, aggregate_id,
        aggregate_version, payload, occurred_at, actor, correlation_id, causation_id
    )
    VALUES (
        p_tenant_id, v_event.id, p_business_id, v_type.service,
        p_event_type, v_type.aggregate_type, p_aggregate_id, v_event.aggregate_version, p_payload,
        clock_timestamp(), core.current_actor(),
        coalesce(
            p_cause.correlation_id,
            nullif(current_setting('pgerp.correlation_id', true), ''),
            v_event.id::text
        ),
        p_cause.id
    )
    RETURNING e.* INTO v_event;
    FOREACH v_handler IN ARRAY v_type.handlers LOOP
        PERFORM events.handle(v_event, v_handler);
    END LOOP;
    RETURN v_event.id;
END;
$$;
COMMENT ON FUNCTION events.emit(
    integer, text, text, jsonb, integer, events.event_store, bigint
) IS
'Stores an event and returns its id; handlers that are in this database act upon it before it '
'returns, in the caller''s transaction. p_aggregate_id: what it happened to, of the aggregate_type '
'of p_event_type; p_business_id: where, NULL for all; p_cause: the event that it follows from, '
'given by handlers; p_expected_version: the version that the aggregate must have. Internal: for '
'functions that have entered the tenant. Raises ZE001 (no such type), ZE002 (payload), ZE004 '
'(another version), and what the handlers raise.';
