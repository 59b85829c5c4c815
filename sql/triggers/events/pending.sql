CREATE OR REPLACE TRIGGER pending_refuse_truncate
BEFORE TRUNCATE ON events.pending
FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_truncate('events.pending');
COMMENT ON TRIGGER pending_refuse_truncate ON events.pending IS
'Events that wait for handlers would be lost.';
