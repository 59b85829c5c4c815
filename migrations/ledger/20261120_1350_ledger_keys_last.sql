-- Make the primary keys of the journal and its balances anew, as their newest indexes.
-- depends: 20261120_1345_ledger_seals
-- No release has these tables yet: they are empty wherever this runs.
-- squawk-ignore-file ban-drop-constraint, adding-serial-primary-key-field
-- squawk-ignore-file constraint-missing-not-valid, adding-foreign-key-constraint

-- A table that was never analyzed (a new database, each new year's partition in its first minute)
-- looks empty to the planner, to which all indexes that begin with tenant_id then cost the same. Of
-- such it takes the newest, and sessions keep the plan: posting went by another index and read all
-- lines of the tenant for each entry. Partitions get their indexes in the order of the parent's.
ALTER TABLE ledger.journal_lines
DROP CONSTRAINT journal_lines_entry_fkey,
DROP CONSTRAINT journal_lines_pkey;
ALTER TABLE ledger.journal_entries DROP CONSTRAINT journal_entries_pkey;
ALTER TABLE ledger.journal_entries
ADD CONSTRAINT journal_entries_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ledger.journal_lines
ADD CONSTRAINT journal_lines_pkey PRIMARY KEY (tenant_id, entry_id, line_no);
ALTER TABLE ledger.journal_lines
ADD CONSTRAINT journal_lines_entry_fkey FOREIGN KEY (tenant_id, entry_id)
REFERENCES ledger.journal_entries (tenant_id, id) ON DELETE CASCADE;
ALTER TABLE ledger.account_balances DROP CONSTRAINT account_balances_pkey;
ALTER TABLE ledger.account_balances ADD CONSTRAINT account_balances_pkey
PRIMARY KEY (tenant_id, account_id, business_id, period_id, currency_code, stripe);
