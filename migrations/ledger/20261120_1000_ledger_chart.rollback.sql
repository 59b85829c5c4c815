DROP TABLE ledger.accounts;
DROP TABLE ledger.account_types;
DROP TABLE ledger.currencies;
DROP SCHEMA ledger;
