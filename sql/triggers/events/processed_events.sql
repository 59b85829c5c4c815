CREATE OR REPLACE TRIGGER processed_events_append_only
BEFORE UPDATE OR DELETE ON events.processed_events
FOR EACH ROW EXECUTE FUNCTION events.refuse_change('events.processed_events');
COMMENT ON TRIGGER processed_events_append_only ON events.processed_events IS
'What happened does not change.';

CREATE OR REPLACE TRIGGER processed_events_refuse_truncate
BEFORE TRUNCATE ON events.processed_events
FOR EACH STATEMENT EXECUTE FUNCTION events.refuse_change('events.processed_events');
COMMENT ON TRIGGER processed_events_refuse_truncate ON events.processed_events IS
'What happened does not change.';
