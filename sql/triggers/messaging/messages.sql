CREATE OR REPLACE TRIGGER messages_stamp
BEFORE INSERT OR UPDATE ON messaging.messages
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER messages_stamp ON messaging.messages IS
'Keeps created_* and last_modified_* true.';
CREATE OR REPLACE TRIGGER messages_part
BEFORE INSERT ON messaging.messages
FOR EACH ROW EXECUTE FUNCTION party.guard_part('messaging.messages');
COMMENT ON TRIGGER messages_part ON messaging.messages IS
'Nothing is added to a customer who is anonymised.';
CREATE OR REPLACE TRIGGER messages_guard
BEFORE INSERT OR UPDATE ON messaging.messages
FOR EACH ROW EXECUTE FUNCTION messaging.guard_message();
COMMENT ON TRIGGER messages_guard ON messaging.messages IS
'A message goes from one status to those that follow it, and its text stays as it is, or goes.';
