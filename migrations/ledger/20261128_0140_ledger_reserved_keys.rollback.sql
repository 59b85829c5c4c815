-- The repeatables make it anew, as it was.
DROP FUNCTION IF EXISTS ledger.claim_idempotency_key(integer, text, bytea, uuid, boolean);
COMMENT ON COLUMN ledger.idempotency_keys.idempotency_key IS
'Chosen by the caller, unique within the tenant.';
