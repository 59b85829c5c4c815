-- Rows of a business say which: budgets in all their parts, reversals; and what a hold holds is of
-- the hold's business.
-- depends: 20261120_1400_ledger_batches
-- Budgets, holds and reversals are few beside the journal: they are filled, checked and indexed
-- under the locks of one transaction.
-- squawk-ignore-file adding-foreign-key-constraint, constraint-missing-not-valid
-- squawk-ignore-file adding-not-nullable-field, adding-serial-primary-key-field
-- squawk-ignore-file ban-drop-constraint, disallowed-unique-constraint
-- squawk-ignore-file require-concurrent-index-creation, require-concurrent-index-deletion

ALTER TABLE ledger.budget_revisions ADD COLUMN business_id integer;
ALTER TABLE ledger.budget_lines ADD COLUMN business_id integer;
ALTER TABLE ledger.budget_heads ADD COLUMN business_id integer;
ALTER TABLE ledger.reversals ADD COLUMN business_id integer;

-- Revisions in force and reversals never change but here; nothing is stamped.
ALTER TABLE ledger.budget_revisions DISABLE TRIGGER USER;
ALTER TABLE ledger.budget_lines DISABLE TRIGGER USER;
ALTER TABLE ledger.budget_heads DISABLE TRIGGER USER;
ALTER TABLE ledger.reversals DISABLE TRIGGER USER;
DO $do$
DECLARE
    v_tenant_id integer;
    v_entered text := current_setting('pgerp.tenant_id', true);
BEGIN
    FOR v_tenant_id IN SELECT t.id FROM identity.tenants AS t LOOP
        -- Row security is forced: what the owner changes is what the tenant has that it entered.
        PERFORM set_config('pgerp.tenant_id', v_tenant_id::text, true);
        UPDATE ledger.budget_revisions AS r
        SET business_id = b.business_id
        FROM ledger.budgets AS b
        WHERE r.tenant_id = v_tenant_id AND b.tenant_id = r.tenant_id AND b.id = r.budget_id;
        UPDATE ledger.budget_lines AS l
        SET business_id = b.business_id
        FROM ledger.budgets AS b
        WHERE l.tenant_id = v_tenant_id AND b.tenant_id = l.tenant_id AND b.id = l.budget_id;
        UPDATE ledger.budget_heads AS h
        SET business_id = b.business_id
        FROM ledger.budgets AS b
        WHERE h.tenant_id = v_tenant_id AND b.tenant_id = h.tenant_id AND b.id = h.budget_id;
        UPDATE ledger.reversals AS r
        SET business_id = e.business_id
        FROM ledger.journal_entries AS e
        WHERE r.tenant_id = v_tenant_id AND e.tenant_id = r.tenant_id AND e.id = r.entry_id;
        UPDATE ledger.reversals AS r
        SET business_id = e.business_id
        FROM ledger_archive.journal_entries AS e
        WHERE r.tenant_id = v_tenant_id AND e.tenant_id = r.tenant_id AND e.id = r.entry_id;
    END LOOP;
    PERFORM set_config('pgerp.tenant_id', coalesce(v_entered, ''), true);
END;
$do$;
ALTER TABLE ledger.budget_revisions ENABLE TRIGGER USER;
ALTER TABLE ledger.budget_lines ENABLE TRIGGER USER;
ALTER TABLE ledger.budget_heads ENABLE TRIGGER USER;
ALTER TABLE ledger.reversals ENABLE TRIGGER USER;

-- From the innermost outwards, then back: keys with the business in them, so that a row cannot be
-- of another business than the one it belongs to.
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
ALTER TABLE ledger.budgets
ADD CONSTRAINT budgets_business_key UNIQUE (tenant_id, id, business_id);
ALTER TABLE ledger.budget_revisions
ALTER COLUMN business_id SET NOT NULL,
ADD CONSTRAINT budget_revisions_pkey
PRIMARY KEY (tenant_id, budget_id, business_id, revision_no),
ADD CONSTRAINT budget_revisions_budget_fkey FOREIGN KEY (tenant_id, budget_id, business_id)
REFERENCES ledger.budgets (tenant_id, id, business_id) ON DELETE RESTRICT;
ALTER TABLE ledger.budget_lines
ALTER COLUMN business_id SET NOT NULL,
ADD CONSTRAINT budget_lines_pkey
PRIMARY KEY (tenant_id, budget_id, business_id, revision_no, account_id, starts_on),
ADD CONSTRAINT budget_lines_revision_fkey
FOREIGN KEY (tenant_id, budget_id, business_id, revision_no)
REFERENCES ledger.budget_revisions (tenant_id, budget_id, business_id, revision_no)
ON DELETE RESTRICT;
ALTER TABLE ledger.budget_heads
ALTER COLUMN business_id SET NOT NULL,
ADD CONSTRAINT budget_heads_pkey
PRIMARY KEY (tenant_id, budget_id, business_id, account_id, starts_on),
ADD CONSTRAINT budget_heads_budget_fkey FOREIGN KEY (tenant_id, budget_id, business_id)
REFERENCES ledger.budgets (tenant_id, id, business_id) ON DELETE RESTRICT;
DROP INDEX ledger.budget_warnings_line_idx;
CREATE INDEX budget_warnings_line_idx ON ledger.budget_warnings
(tenant_id, budget_id, business_id, revision_no, account_id, starts_on);
ALTER TABLE ledger.budget_warnings
ADD CONSTRAINT budget_warnings_line_fkey
FOREIGN KEY (tenant_id, budget_id, business_id, revision_no, account_id, starts_on)
REFERENCES ledger.budget_lines
(tenant_id, budget_id, business_id, revision_no, account_id, starts_on) ON DELETE RESTRICT;
COMMENT ON COLUMN ledger.budget_revisions.business_id IS 'That of the budget.';
COMMENT ON COLUMN ledger.budget_lines.business_id IS 'That of the budget.';
COMMENT ON COLUMN ledger.budget_heads.business_id IS 'That of the budget.';

ALTER TABLE ledger.reversals
ALTER COLUMN business_id SET NOT NULL,
ADD CONSTRAINT reversals_business_fkey FOREIGN KEY (tenant_id, business_id)
REFERENCES identity.businesses (tenant_id, id) ON DELETE RESTRICT;
CREATE INDEX reversals_business_idx ON ledger.reversals (tenant_id, business_id);
COMMENT ON COLUMN ledger.reversals.business_id IS
'That of both entries; set by a trigger, whatever is given.';

ALTER TABLE ledger.held_amounts DROP CONSTRAINT held_amounts_hold_fkey;
DROP INDEX ledger.held_amounts_hold_idx;
ALTER TABLE ledger.holds
ADD CONSTRAINT holds_business_key UNIQUE (tenant_id, entry_id, business_id);
CREATE INDEX held_amounts_hold_idx ON ledger.held_amounts (tenant_id, entry_id, business_id);
ALTER TABLE ledger.held_amounts
ADD CONSTRAINT held_amounts_hold_fkey FOREIGN KEY (tenant_id, entry_id, business_id)
REFERENCES ledger.holds (tenant_id, entry_id, business_id) ON DELETE RESTRICT;

-- What is the whole tenant's, and why.
COMMENT ON TABLE ledger.exchange_rates IS
'What a currency was worth in another on a day, as the tenant sees it. A correction is a further '
'row with the next revision; rows never change or go, and posted lines keep the rate they were '
'posted with. The whole tenant''s: its businesses convert at the same rates.';
COMMENT ON TABLE ledger.retention_rules IS
'How long entries of a tenant stay in the live journal; tenants without a row: 7 years. Kept by '
'operators. The whole tenant''s: a year is archived of all its businesses at once.';
COMMENT ON TABLE ledger.idempotency_keys IS
'Which request made which entry, so that a request sent twice is carried out once. Outlives '
'archived entries, hence no foreign key to them. The whole tenant''s, as keys are unique within '
'it; no client reads it, and a request that is not of the token''s businesses is refused before '
'its key is looked up.';
COMMENT ON TABLE ledger.seals IS
'The seals of a tenant, a chain: each covers the entries posted since the one before, and its '
'hash covers that one''s. Append-only. docs/ledger-seals.md says how every byte comes about. The '
'whole tenant''s, as the chain is one: positions and hashes, from which no content can be read; '
'contents are in ledger.sealed_entries, by business.';
