DELETE FROM identity.permissions AS p
WHERE p.module = 'messaging';
DELETE FROM party.personal_data_tables AS t
WHERE t.table_name = 'messaging.messages';
DROP TABLE messaging.messages;
DROP TABLE messaging.templates;
DROP TYPE messaging.suppression;
DROP TYPE messaging.message_status;
DROP TYPE messaging.channel;
DROP SCHEMA messaging;
