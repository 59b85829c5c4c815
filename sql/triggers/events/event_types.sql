CREATE OR REPLACE TRIGGER event_types_guard
BEFORE INSERT OR UPDATE ON events.event_types
FOR EACH ROW EXECUTE FUNCTION events.guard_event_type();
COMMENT ON TRIGGER event_types_guard ON events.event_types IS
'A schema or a sum that could not be checked is refused.';
