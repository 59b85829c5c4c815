ALTER TABLE ledger.held_amounts DROP CONSTRAINT held_amounts_hold_fkey;
DROP INDEX ledger.held_amounts_hold_idx;
ALTER TABLE ledger.holds DROP CONSTRAINT holds_business_key;
CREATE INDEX held_amounts_hold_idx ON ledger.held_amounts (tenant_id, entry_id);
ALTER TABLE ledger.held_amounts
ADD CONSTRAINT held_amounts_hold_fkey FOREIGN KEY (tenant_id, entry_id)
REFERENCES ledger.holds (tenant_id, entry_id) ON DELETE RESTRICT;

ALTER TABLE ledger.reversals DROP COLUMN business_id;

ALTER TABLE ledger.budget_warnings DROP CONSTRAINT budget_warnings_line_fkey;
ALTER TABLE ledger.budget_lines
DROP CONSTRAINT budget_lines_revision_fkey,
DROP CONSTRAINT budget_lines_pkey;
ALTER TABLE ledger.budget_revisions
DROP CONSTRAINT budget_revisions_budget_fkey,
DROP CONSTRAINT budget_revisions_pkey;
ALTER TABLE ledger.budget_heads
DROP CONSTRAINT budget_heads_budget_fkey,
DROP CONSTRAINT budget_heads_pkey;
ALTER TABLE ledger.budgets DROP CONSTRAINT budgets_business_key;
ALTER TABLE ledger.budget_revisions
DROP COLUMN business_id,
ADD CONSTRAINT budget_revisions_pkey PRIMARY KEY (tenant_id, budget_id, revision_no),
ADD CONSTRAINT budget_revisions_budget_fkey FOREIGN KEY (tenant_id, budget_id)
REFERENCES ledger.budgets (tenant_id, id) ON DELETE RESTRICT;
ALTER TABLE ledger.budget_lines
DROP COLUMN business_id,
ADD CONSTRAINT budget_lines_pkey
PRIMARY KEY (tenant_id, budget_id, revision_no, account_id, starts_on),
ADD CONSTRAINT budget_lines_revision_fkey FOREIGN KEY (tenant_id, budget_id, revision_no)
REFERENCES ledger.budget_revisions (tenant_id, budget_id, revision_no) ON DELETE RESTRICT;
ALTER TABLE ledger.budget_heads
DROP COLUMN business_id,
ADD CONSTRAINT budget_heads_pkey PRIMARY KEY (tenant_id, budget_id, account_id, starts_on),
ADD CONSTRAINT budget_heads_budget_fkey FOREIGN KEY (tenant_id, budget_id)
REFERENCES ledger.budgets (tenant_id, id) ON DELETE RESTRICT;
DROP INDEX ledger.budget_warnings_line_idx;
CREATE INDEX budget_warnings_line_idx
ON ledger.budget_warnings (tenant_id, budget_id, revision_no, account_id, starts_on);
ALTER TABLE ledger.budget_warnings
ADD CONSTRAINT budget_warnings_line_fkey
FOREIGN KEY (tenant_id, budget_id, revision_no, account_id, starts_on)
REFERENCES ledger.budget_lines (tenant_id, budget_id, revision_no, account_id, starts_on)
ON DELETE RESTRICT;

COMMENT ON TABLE ledger.exchange_rates IS
'What a currency was worth in another on a day, as the tenant sees it. A correction is a further '
'row with the next revision; rows never change or go, and posted lines keep the rate they were '
'posted with.';
COMMENT ON TABLE ledger.retention_rules IS
'How long entries of a tenant stay in the live journal; tenants without a row: 7 years. Kept by '
'operators.';
COMMENT ON TABLE ledger.idempotency_keys IS
'Which request made which entry, so that a request sent twice is carried out once. Outlives '
'archived entries, hence no foreign key to them.';
COMMENT ON TABLE ledger.seals IS
'The seals of a tenant, a chain: each covers the entries posted since the one before, and its '
'hash covers that one''s. Append-only. docs/ledger-seals.md says how every byte comes about.';
