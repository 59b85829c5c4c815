CREATE OR REPLACE TRIGGER idempotency_keys_guard
BEFORE UPDATE OR DELETE ON lending.idempotency_keys
FOR EACH ROW EXECUTE FUNCTION lending.refuse_change('lending.idempotency_keys');
COMMENT ON TRIGGER idempotency_keys_guard ON lending.idempotency_keys IS
'What a request made stays what it made.';
