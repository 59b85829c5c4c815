-- The journal is sealed by the functions of core that also seal the audit log.
-- depends: 20261127_1904_core_seals
-- No client may call them:
-- squawk-ignore-file ban-drop-function

DROP FUNCTION IF EXISTS ledger.seal_entries(integer, bigint, timestamptz, integer);
DROP FUNCTION IF EXISTS ledger.seal_hash(ledger.seals);
DROP FUNCTION IF EXISTS ledger.merkle_root(bytea[]);
DROP FUNCTION IF EXISTS ledger.open_transactions();
DROP FUNCTION IF EXISTS ledger.complete_before(integer, timestamptz, text[]);
