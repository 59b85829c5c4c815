ALTER TABLE ledger.accounts DROP COLUMN is_monetary;
DROP TABLE ledger.matches;
DROP TABLE ledger.exchange_rates;
