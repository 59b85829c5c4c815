-- An event that is brought a second time is left out.
CREATE OR REPLACE FUNCTION events.skip_known()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_known events.event_store;
BEGIN
    SELECT e.* INTO v_known
    FROM events.event_store AS e
    WHERE e.tenant_id = NEW.tenant_id AND e.id = NEW.id;
    -- Another fact under the same id goes on to the key, which refuses it.
    IF FOUND AND to_jsonb(v_known) - 'position' = to_jsonb(NEW) - 'position' THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION events.skip_known() IS
'Trigger (before insert, each row; fires only for what replication brings). Leaves out an event '
'that the store has: a resync may have brought what the slot still holds, or a subscription that '
'is made anew copies all, and the apply worker would stop at the key for ever.';
