-- Budgets: what was planned per account and part of a fiscal year, every revision kept.
-- depends: 20261120_1200_ledger_lifecycle

CREATE TYPE ledger.budget_interval AS ENUM ('month', 'quarter', 'year');
COMMENT ON TYPE ledger.budget_interval IS
'Into what a budget cuts its fiscal year. month: its regular fiscal periods; quarter: three of '
'them each; year: all of it at once.';

CREATE TYPE ledger.budget_policy AS ENUM ('ignore', 'warn', 'stop');
COMMENT ON TYPE ledger.budget_policy IS
'What happens to a posting that takes a line of a budget above its amount. ignore: nothing; warn: '
'it is posted and recorded in ledger.budget_warnings; stop: it is refused.';

CREATE TYPE ledger.budget_state AS ENUM ('active', 'closed');
COMMENT ON TYPE ledger.budget_state IS
'active: its policy holds; closed: kept to be read. That a budget is exceeded is derived.';

CREATE TABLE ledger.budgets (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    business_id integer NOT NULL,
    fiscal_year_id uuid NOT NULL,
    code core.code NOT NULL,
    name core.label NOT NULL,
    department_code core.code,
    category core.label,
    bucket_interval ledger.budget_interval NOT NULL,
    policy ledger.budget_policy NOT NULL DEFAULT 'ignore',
    status ledger.budget_state NOT NULL DEFAULT 'active',
    current_revision integer NOT NULL DEFAULT 0,
    in_force_since timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT budgets_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT budgets_code_key UNIQUE (tenant_id, code),
    CONSTRAINT budgets_current_revision_check CHECK (current_revision >= 0),
    CONSTRAINT budgets_fiscal_year_fkey FOREIGN KEY (tenant_id, business_id, fiscal_year_id)
    REFERENCES ledger.fiscal_years (tenant_id, business_id, id) ON DELETE RESTRICT
);
CREATE INDEX budgets_fiscal_year_idx
ON ledger.budgets (tenant_id, business_id, fiscal_year_id);
COMMENT ON TABLE ledger.budgets IS
'Budgets of a business for a fiscal year. Amounts are in ledger.budget_lines; what was spent is '
'never stored: ledger.budget_status derives it from the journal.';
COMMENT ON COLUMN ledger.budgets.code IS 'Unique within the tenant, such as MKT-2026.';
COMMENT ON COLUMN ledger.budgets.department_code IS
'Only lines of this department count (a logical reference, as in ledger.journal_lines); NULL: '
'all lines count.';
COMMENT ON COLUMN ledger.budgets.category IS
'What people group budgets by, such as Travel; NULL: none. Nothing is decided by it.';
COMMENT ON COLUMN ledger.budgets.bucket_interval IS
'How long the parts of the year are that amounts are planned for.';
COMMENT ON COLUMN ledger.budgets.policy IS
'What happens to a posting that exceeds it, while it is active.';
COMMENT ON COLUMN ledger.budgets.current_revision IS
'Number of the revision that is in force; 0: none yet.';
COMMENT ON COLUMN ledger.budgets.in_force_since IS
'When status, policy, revision or the accounts below its lines last changed: from then on '
'postings have been judged by what it says now. Set by triggers.';

CREATE TABLE ledger.budget_revisions (
    tenant_id integer NOT NULL,
    budget_id uuid NOT NULL,
    revision_no integer NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT budget_revisions_pkey PRIMARY KEY (tenant_id, budget_id, revision_no),
    CONSTRAINT budget_revisions_revision_no_check CHECK (revision_no > 0),
    CONSTRAINT budget_revisions_reason_check CHECK (length(reason) BETWEEN 1 AND 2000),
    CONSTRAINT budget_revisions_budget_fkey FOREIGN KEY (tenant_id, budget_id)
    REFERENCES ledger.budgets (tenant_id, id) ON DELETE RESTRICT
);
COMMENT ON TABLE ledger.budget_revisions IS
'Every version of a budget, with who made it, when and why. One that is or was in force never '
'changes or goes.';
COMMENT ON COLUMN ledger.budget_revisions.revision_no IS
'From 1, without gaps, within the budget.';
COMMENT ON COLUMN ledger.budget_revisions.reason IS 'Why, in the words of whoever made it.';

CREATE TABLE ledger.budget_lines (
    tenant_id integer NOT NULL,
    budget_id uuid NOT NULL,
    revision_no integer NOT NULL,
    account_id uuid NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    amount core.amount NOT NULL,
    CONSTRAINT budget_lines_pkey
    PRIMARY KEY (tenant_id, budget_id, revision_no, account_id, starts_on),
    CONSTRAINT budget_lines_dates_check CHECK (ends_on >= starts_on),
    CONSTRAINT budget_lines_amount_check CHECK (amount >= 0),
    CONSTRAINT budget_lines_revision_fkey FOREIGN KEY (tenant_id, budget_id, revision_no)
    REFERENCES ledger.budget_revisions (tenant_id, budget_id, revision_no) ON DELETE RESTRICT,
    CONSTRAINT budget_lines_account_fkey FOREIGN KEY (tenant_id, account_id)
    REFERENCES ledger.accounts (tenant_id, id) ON DELETE RESTRICT
);
CREATE INDEX budget_lines_account_idx
ON ledger.budget_lines (tenant_id, account_id, starts_on);
COMMENT ON TABLE ledger.budget_lines IS
'What a revision plans for an account, those below it included, in one part of the year: a whole '
'revision each time, not only what changed. No stamps of their own: those of the revision hold.';
COMMENT ON COLUMN ledger.budget_lines.ends_on IS 'The last day, itself included.';
COMMENT ON COLUMN ledger.budget_lines.amount IS
'Planned, in the functional currency of the business, positive on the normal side of the account '
'(an expense''s debits, a revenue''s credits).';

CREATE TABLE ledger.budget_heads (
    tenant_id integer NOT NULL,
    budget_id uuid NOT NULL,
    account_id uuid NOT NULL,
    starts_on date NOT NULL,
    postings bigint NOT NULL,
    CONSTRAINT budget_heads_pkey PRIMARY KEY (tenant_id, budget_id, account_id, starts_on),
    CONSTRAINT budget_heads_postings_check CHECK (postings > 0),
    CONSTRAINT budget_heads_budget_fkey FOREIGN KEY (tenant_id, budget_id)
    REFERENCES ledger.budgets (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT budget_heads_account_fkey FOREIGN KEY (tenant_id, account_id)
    REFERENCES ledger.accounts (tenant_id, id) ON DELETE RESTRICT
) WITH (fillfactor = 50);
CREATE INDEX budget_heads_account_idx ON ledger.budget_heads (tenant_id, account_id);
COMMENT ON TABLE ledger.budget_heads IS
'One row for each line of a budget that was judged by warn or stop: whoever posts counts it up, '
'so that two who post at once wait for each other. It holds no amounts.';
COMMENT ON COLUMN ledger.budget_heads.postings IS
'How often it was judged. Changing it, instead of only locking the row, makes a transaction with '
'an older snapshot fail (40001) rather than judge by old figures.';

CREATE TABLE ledger.budget_warnings (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    business_id integer NOT NULL,
    budget_id uuid NOT NULL,
    revision_no integer NOT NULL,
    account_id uuid NOT NULL,
    starts_on date NOT NULL,
    entry_id uuid NOT NULL,
    added core.amount NOT NULL,
    budgeted core.amount NOT NULL,
    actual core.amount NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT budget_warnings_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT budget_warnings_amounts_check CHECK (actual > budgeted),
    CONSTRAINT budget_warnings_business_fkey FOREIGN KEY (tenant_id, business_id)
    REFERENCES identity.businesses (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT budget_warnings_line_fkey
    FOREIGN KEY (tenant_id, budget_id, revision_no, account_id, starts_on)
    REFERENCES ledger.budget_lines (tenant_id, budget_id, revision_no, account_id, starts_on)
    ON DELETE RESTRICT
);
CREATE INDEX budget_warnings_line_idx
ON ledger.budget_warnings (tenant_id, budget_id, revision_no, account_id, starts_on);
CREATE INDEX budget_warnings_business_idx
ON ledger.budget_warnings (tenant_id, business_id, created_at);
CREATE INDEX budget_warnings_entry_idx ON ledger.budget_warnings (tenant_id, entry_id);
COMMENT ON TABLE ledger.budget_warnings IS
'Entries that took a budget with the policy warn above its amount, with who posted them and when. '
'Never changes.';
COMMENT ON COLUMN ledger.budget_warnings.starts_on IS
'First day of the part of the year, as in ledger.budget_lines.';
COMMENT ON COLUMN ledger.budget_warnings.entry_id IS
'The entry in ledger.journal_entries; no foreign key, since warnings outlive archived entries.';
COMMENT ON COLUMN ledger.budget_warnings.added IS
'What the entry added to the actual amount, on the normal side of the account.';
COMMENT ON COLUMN ledger.budget_warnings.budgeted IS 'What the line planned then.';
COMMENT ON COLUMN ledger.budget_warnings.actual IS
'The actual amount of the line after the posting.';

-- What the functions that judge budgets hand to each other.
CREATE TYPE ledger.budget_effect AS (
    budget_id uuid,
    revision_no integer,
    account_id uuid,
    starts_on date,
    entry_id uuid,
    added numeric
);
COMMENT ON TYPE ledger.budget_effect IS
'What an entry adds to the actual amount of a line of a budget, on the normal side of its '
'account.';
