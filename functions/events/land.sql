-- An event has arrived: note whose handlers have to act upon it, and wake the workers.
CREATE OR REPLACE FUNCTION events.land()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('pgerp.tenant_id', NEW.tenant_id::text, true);
    INSERT INTO events.pending (
        tenant_id, handler, event_id, business_id, aggregate_type, aggregate_id,
        aggregate_version, position, due_at, arrived_at
    )
    SELECT
        NEW.tenant_id,
        h.handler,
        NEW.id,
        NEW.business_id,
        NEW.aggregate_type,
        NEW.aggregate_id,
        NEW.aggregate_version,
        NEW.position,
        clock_timestamp(),
        clock_timestamp()
    FROM events.handlers(NEW.event_type) AS h
    WHERE NOT EXISTS (
        SELECT FROM events.processed_events AS d
        WHERE d.tenant_id = NEW.tenant_id AND d.handler = h.handler AND d.event_id = NEW.id
    )
    ON CONFLICT (tenant_id, handler, event_id) DO NOTHING;
    IF FOUND THEN
        PERFORM pg_notify('pgerp_events', NEW.tenant_id::text);
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION events.land() IS
'Trigger (after insert, each row; fires only for what replication brings). Adds to events.pending '
'what handlers of this database have not acted upon, and notifies the channel pgerp_events with '
'the tenant''s id.';
