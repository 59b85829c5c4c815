ALTER TABLE ledger.account_heads
DROP COLUMN closed_high,
DROP COLUMN closed_low;
DROP FUNCTION IF EXISTS ledger.change_heads(integer, ledger.head_change[], boolean);
