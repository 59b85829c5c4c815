DROP TABLE ledger.idempotency_keys;
DROP TABLE ledger.journal_lines;
DROP TABLE ledger.journal_entries;
DROP TYPE ledger.entry_status;
