DROP INDEX ledger.journal_entries_unposted_idx;
DROP INDEX ledger.journal_lines_account_idx;
CREATE INDEX journal_lines_account_idx
ON ledger.journal_lines (tenant_id, account_id, business_id, entry_date);
DROP TYPE ledger.day_span;
