-- The archive of the journal: closed and sealed years, readable as before and never written again.
-- depends: 20261120_1200_ledger_lifecycle 20261120_1259_ledger_statements

CREATE SCHEMA ledger_archive;
COMMENT ON SCHEMA ledger_archive IS
'Years of the journal that are closed, sealed and older than the retention. Immutable; read '
'through ledger.all_journal_entries and ledger.all_journal_lines together with the live ones.';

-- The shape of the live tables, whose partitions are attached here.
CREATE TABLE ledger_archive.journal_entries (
    LIKE ledger.journal_entries INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS,
    CONSTRAINT journal_entries_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT journal_entries_period_fkey FOREIGN KEY (tenant_id, business_id, period_id)
    REFERENCES ledger.fiscal_periods (tenant_id, business_id, id) ON DELETE RESTRICT
) PARTITION BY RANGE (id);
CREATE INDEX journal_entries_period_idx
ON ledger_archive.journal_entries (tenant_id, business_id, period_id, entry_date);
CREATE INDEX journal_entries_source_idx
ON ledger_archive.journal_entries (tenant_id, source_module, source_id)
WHERE source_id IS NOT NULL;
CREATE INDEX journal_entries_unposted_idx
ON ledger_archive.journal_entries (tenant_id, business_id, entry_date) WHERE posted_at IS NULL;
COMMENT ON TABLE ledger_archive.journal_entries IS
'The headers of archived entries. Partitions come from ledger.journal_entries by '
'ledger.archive_before and go back by ledger.restore_archive.';

CREATE TABLE ledger_archive.journal_lines (
    LIKE ledger.journal_lines INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS,
    CONSTRAINT journal_lines_pkey PRIMARY KEY (tenant_id, entry_id, line_no),
    CONSTRAINT journal_lines_entry_fkey FOREIGN KEY (tenant_id, entry_id)
    REFERENCES ledger_archive.journal_entries (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT journal_lines_account_fkey FOREIGN KEY (tenant_id, account_id)
    REFERENCES ledger.accounts (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT journal_lines_currency_fkey FOREIGN KEY (currency_code)
    REFERENCES ledger.currencies (code) ON DELETE RESTRICT
) PARTITION BY RANGE (entry_id);
CREATE INDEX journal_lines_account_idx
ON ledger_archive.journal_lines (tenant_id, account_id, business_id, entry_date) INCLUDE (amount);
CREATE INDEX journal_lines_currency_idx ON ledger_archive.journal_lines (currency_code)
WHERE currency_code IS NOT NULL;
CREATE INDEX journal_lines_counterparty_idx
ON ledger_archive.journal_lines (tenant_id, account_id, counterparty)
WHERE counterparty IS NOT NULL;
CREATE INDEX journal_lines_department_idx
ON ledger_archive.journal_lines (tenant_id, department_code, account_id)
WHERE department_code IS NOT NULL;
COMMENT ON TABLE ledger_archive.journal_lines IS
'The lines of archived entries; see ledger_archive.journal_entries.';

CREATE TABLE ledger.retention_rules (
    tenant_id integer NOT NULL,
    retention_years integer NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT retention_rules_pkey PRIMARY KEY (tenant_id),
    CONSTRAINT retention_rules_years_check CHECK (retention_years BETWEEN 1 AND 100),
    CONSTRAINT retention_rules_reason_check CHECK (length(reason) BETWEEN 1 AND 2000),
    CONSTRAINT retention_rules_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE RESTRICT
);
COMMENT ON TABLE ledger.retention_rules IS
'How long entries of a tenant stay in the live journal; tenants without a row: 7 years. Kept by '
'operators.';
COMMENT ON COLUMN ledger.retention_rules.retention_years IS
'Whole years after the end of the fiscal year; archiving waits for them.';
COMMENT ON COLUMN ledger.retention_rules.reason IS 'The law or contract that asks for them.';
