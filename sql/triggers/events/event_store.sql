CREATE OR REPLACE TRIGGER event_store_append_only
BEFORE UPDATE OR DELETE ON events.event_store
FOR EACH ROW EXECUTE FUNCTION events.refuse_change('events.event_store');
COMMENT ON TRIGGER event_store_append_only ON events.event_store IS 'What happened does not change.';

CREATE OR REPLACE TRIGGER event_store_refuse_truncate
BEFORE TRUNCATE ON events.event_store
FOR EACH STATEMENT EXECUTE FUNCTION events.refuse_change('events.event_store');
COMMENT ON TRIGGER event_store_refuse_truncate ON events.event_store IS 'What happened does not change.';

CREATE OR REPLACE TRIGGER event_store_land
AFTER INSERT ON events.event_store
FOR EACH ROW EXECUTE FUNCTION events.land();
-- What is emitted here is acted upon by emit itself.
ALTER TABLE events.event_store ENABLE REPLICA TRIGGER event_store_land;
COMMENT ON TRIGGER event_store_land ON events.event_store IS
'What replication brings waits for the handlers of this database.';
