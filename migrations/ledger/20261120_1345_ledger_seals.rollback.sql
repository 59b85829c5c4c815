DROP TABLE ledger.sealed_entries;
DROP TABLE ledger.seals;
