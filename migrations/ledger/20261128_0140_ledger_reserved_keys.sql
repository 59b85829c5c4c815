-- Idempotency keys that begin with event: are of events alone.
-- depends: 20261127_2030_ledger_posting_rules
-- squawk-ignore-file ban-drop-function

-- Its arguments change; the repeatables make it anew.
DROP FUNCTION IF EXISTS ledger.claim_idempotency_key(integer, text, bytea, uuid);

COMMENT ON COLUMN ledger.idempotency_keys.idempotency_key IS
'Chosen by the client, unique per tenant; event: and an event''s posting key or id where a posting '
'rule made the entry, which no client can choose.';
