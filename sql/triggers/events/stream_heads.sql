CREATE OR REPLACE TRIGGER stream_heads_refuse_truncate
BEFORE TRUNCATE ON events.stream_heads
FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_truncate('events.stream_heads');
COMMENT ON TRIGGER stream_heads_refuse_truncate ON events.stream_heads IS
'Versions of streams would begin anew.';
