DROP FUNCTION IF EXISTS ledger.foreign_balances(integer, integer, date);
