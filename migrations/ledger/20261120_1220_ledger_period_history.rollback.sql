ALTER TABLE ledger.journal_entries DROP CONSTRAINT journal_entries_closing_check;
DROP TABLE ledger.journal_numbers;
DROP TABLE ledger.period_events;
DROP TYPE ledger.period_action;
