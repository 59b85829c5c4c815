-- What an event says may be for few: salaries, for example.
-- depends: 20261127_2000_events_store
-- The table is small and written by migrations alone: nobody waits.
-- squawk-ignore-file adding-foreign-key-constraint, constraint-missing-not-valid
-- squawk-ignore-file require-concurrent-index-creation

ALTER TABLE events.event_types
ADD COLUMN read_permission core.code,
ADD CONSTRAINT event_types_read_permission_fkey FOREIGN KEY (read_permission)
REFERENCES identity.permissions (code) ON DELETE RESTRICT;
CREATE INDEX event_types_read_permission_idx ON events.event_types (read_permission);
COMMENT ON COLUMN events.event_types.read_permission IS
'The permission without which no client reads events of this type; NULL: none is needed.';
