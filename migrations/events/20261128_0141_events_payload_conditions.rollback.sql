ALTER TABLE events.event_types DROP COLUMN payload_keys, DROP COLUMN payload_condition;
DROP FUNCTION events.schema_keys(jsonb);
DROP FUNCTION events.schema_condition(jsonb, boolean);
