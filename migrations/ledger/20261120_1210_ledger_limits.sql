-- Limits and versions of accounts, and entries that are held before they are posted.
-- depends: 20261120_1200_ledger_lifecycle

CREATE TABLE ledger.account_heads (
    tenant_id integer NOT NULL,
    account_id uuid NOT NULL,
    business_id integer NOT NULL,
    balance core.amount NOT NULL DEFAULT 0,
    held_debit core.amount NOT NULL DEFAULT 0,
    held_credit core.amount NOT NULL DEFAULT 0,
    version bigint NOT NULL DEFAULT 0,
    first_version bigint NOT NULL DEFAULT 0,
    kept_since timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT account_heads_pkey PRIMARY KEY (tenant_id, account_id, business_id),
    CONSTRAINT account_heads_held_check CHECK (held_debit >= 0 AND held_credit >= 0),
    CONSTRAINT account_heads_version_check CHECK (version >= first_version AND first_version >= 0),
    CONSTRAINT account_heads_account_fkey FOREIGN KEY (tenant_id, account_id)
    REFERENCES ledger.accounts (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT account_heads_business_fkey FOREIGN KEY (tenant_id, business_id)
    REFERENCES identity.businesses (tenant_id, id) ON DELETE RESTRICT
) WITH (fillfactor = 50);
CREATE INDEX account_heads_business_idx ON ledger.account_heads (tenant_id, business_id);
COMMENT ON TABLE ledger.account_heads IS
'One row, locked by whoever posts or holds, for each account with a limit or a version and each '
'business that has posted to it. No row: nothing posted, nothing held, version 0. Not kept while '
'the account has neither limit nor version; brought up to date when it gets one again.';
COMMENT ON COLUMN ledger.account_heads.balance IS
'Debits less credits of all that is posted, in the functional currency of the business.';
COMMENT ON COLUMN ledger.account_heads.held_debit IS
'Sum of ledger.held_amounts above zero, expired ones included.';
COMMENT ON COLUMN ledger.account_heads.held_credit IS
'Sum of ledger.held_amounts below zero as a positive number, expired ones included.';
COMMENT ON COLUMN ledger.account_heads.version IS
'Rises by one with each line that is posted, and never falls.';
COMMENT ON COLUMN ledger.account_heads.first_version IS 'The version that kept_since began with.';
COMMENT ON COLUMN ledger.account_heads.kept_since IS
'When the row was last made from the balances; it has been kept with each posting since.';

CREATE TYPE ledger.hold_state AS ENUM ('pending', 'posted', 'released', 'expired');
COMMENT ON TYPE ledger.hold_state IS
'pending: holds its amounts until it expires; posted, released, expired: how it ended.';

CREATE TABLE ledger.holds (
    tenant_id integer NOT NULL,
    entry_id uuid NOT NULL,
    business_id integer NOT NULL,
    state ledger.hold_state NOT NULL DEFAULT 'pending',
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    posted_entry_id uuid,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT holds_pkey PRIMARY KEY (tenant_id, entry_id),
    CONSTRAINT holds_ended_at_check CHECK ((state = 'pending') = (ended_at IS NULL)),
    CONSTRAINT holds_posted_entry_check CHECK ((state = 'posted') = (posted_entry_id IS NOT NULL)),
    CONSTRAINT holds_business_fkey FOREIGN KEY (tenant_id, business_id)
    REFERENCES identity.businesses (tenant_id, id) ON DELETE RESTRICT
);
CREATE INDEX holds_business_idx ON ledger.holds (tenant_id, business_id);
CREATE INDEX holds_pending_idx ON ledger.holds (tenant_id, expires_at) WHERE state = 'pending';
CREATE INDEX holds_posted_entry_idx ON ledger.holds (tenant_id, posted_entry_id)
WHERE posted_entry_id IS NOT NULL;
COMMENT ON TABLE ledger.holds IS
'Which drafts are held: their amounts count against limits until they are posted, released or '
'expire. Outlives archived entries, hence no foreign key to them.';
COMMENT ON COLUMN ledger.holds.entry_id IS 'The draft in ledger.journal_entries.';
COMMENT ON COLUMN ledger.holds.state IS
'How it stands; pending ones may have expired without anybody having looked.';
COMMENT ON COLUMN ledger.holds.expires_at IS
'From this instant on it counts no more and cannot be posted, whatever its state says.';
COMMENT ON COLUMN ledger.holds.ended_at IS
'When it was posted or released, or found expired; NULL while pending.';
COMMENT ON COLUMN ledger.holds.posted_entry_id IS
'The entry that posted it: itself, or another one when it was posted in part; else NULL.';

CREATE TABLE ledger.held_amounts (
    tenant_id integer NOT NULL,
    account_id uuid NOT NULL,
    business_id integer NOT NULL,
    entry_id uuid NOT NULL,
    amount core.amount NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT held_amounts_pkey PRIMARY KEY (tenant_id, account_id, business_id, entry_id),
    CONSTRAINT held_amounts_amount_check CHECK (amount <> 0),
    CONSTRAINT held_amounts_account_fkey FOREIGN KEY (tenant_id, account_id)
    REFERENCES ledger.accounts (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT held_amounts_hold_fkey FOREIGN KEY (tenant_id, entry_id)
    REFERENCES ledger.holds (tenant_id, entry_id) ON DELETE RESTRICT
);
CREATE INDEX held_amounts_hold_idx ON ledger.held_amounts (tenant_id, entry_id);
CREATE INDEX held_amounts_expires_at_idx
ON ledger.held_amounts (tenant_id, account_id, business_id, expires_at);
COMMENT ON TABLE ledger.held_amounts IS
'What each pending hold would move on each account, whether that has a limit or not. The rows go '
'when the hold ends; its entry keeps the lines.';
COMMENT ON COLUMN ledger.held_amounts.amount IS
'Debits less credits of the entry on the account, in the functional currency.';
COMMENT ON COLUMN ledger.held_amounts.expires_at IS 'That of the hold.';

CREATE TYPE ledger.head_change AS (
    account_id uuid,
    business_id integer,
    amount numeric,
    held_debit numeric,
    held_credit numeric,
    lines bigint
);
COMMENT ON TYPE ledger.head_change IS
'What is to be added to a row of ledger.account_heads; used between the steps of posting.';
