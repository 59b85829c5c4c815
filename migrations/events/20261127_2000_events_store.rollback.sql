DELETE FROM identity.role_permissions AS r
WHERE r.permission = 'events.operate';
DELETE FROM identity.permissions AS p
WHERE p.code = 'events.operate';
DROP TABLE events.settings;
DROP TABLE events.pending;
DROP TYPE events.pending_status;
DROP TABLE events.processed_events;
DROP TABLE events.stream_heads;
DROP TABLE events.event_store;
DROP TABLE events.subscriptions;
DROP TABLE events.event_types;
DROP DOMAIN events.handler_name;
DROP DOMAIN events.type_code;
DROP SCHEMA events;
