ALTER TABLE events.event_types DROP COLUMN read_permission;
