DROP FUNCTION IF EXISTS ledger.seal_entries(integer, bigint, timestamptz, integer);
