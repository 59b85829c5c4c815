-- Find what arrived and was lost to the handlers, for example in a restore, and note it anew.
CREATE OR REPLACE FUNCTION events.repair(
    p_tenant_id integer,
    p_since timestamptz DEFAULT '-infinity'
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
SET role = 'pgerp_owner'
AS $$
DECLARE
    v_count integer;
BEGIN
    PERFORM events.enter(p_tenant_id, session_user::text);
    INSERT INTO events.pending (
        tenant_id, handler, event_id, business_id, aggregate_type, aggregate_id,
        aggregate_version, position, due_at, arrived_at
    )
    SELECT
        e.tenant_id,
        h.handler,
        e.id,
        e.business_id,
        e.aggregate_type,
        e.aggregate_id,
        e.aggregate_version,
        e.position,
        clock_timestamp(),
        clock_timestamp()
    FROM events.event_store AS e
    CROSS JOIN LATERAL events.handlers(e.event_type) AS h
    WHERE e.tenant_id = p_tenant_id
        AND e.id >= CASE
            WHEN isfinite(p_since) THEN core.uuid_v7_floor(p_since)
            ELSE '00000000-0000-0000-0000-000000000000'
        END
        AND NOT EXISTS (
            SELECT FROM events.processed_events AS d
            WHERE d.tenant_id = e.tenant_id AND d.handler = h.handler AND d.event_id = e.id
        )
    ON CONFLICT (tenant_id, handler, event_id) DO NOTHING;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END;
$$;
COMMENT ON FUNCTION events.repair(integer, timestamptz) IS
'Adds to events.pending every event of a tenant since a time that handlers of this database have '
'neither acted upon nor have pending: after a restore, or when a handler is new. Returns how many. '
'For operators: needs a member of pgerp_owner. Raises 42501 (not a member).';
