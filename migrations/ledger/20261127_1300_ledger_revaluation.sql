-- ledger.foreign_balances tells with whom a balance is: its file makes it anew.
-- depends: 20261120_1400_ledger_batches
-- No client may call it:
-- squawk-ignore-file ban-drop-function

DROP FUNCTION IF EXISTS ledger.foreign_balances(integer, integer, date);
