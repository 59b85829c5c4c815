-- Balances, kept exactly equal to the lines at every commit.
-- depends: 20261120_1020_ledger_journal

CREATE TABLE ledger.account_balances (
    tenant_id integer NOT NULL,
    account_id uuid NOT NULL,
    business_id integer NOT NULL,
    period_id uuid NOT NULL,
    currency_code core.currency_code NOT NULL,
    stripe smallint NOT NULL,
    debit core.amount NOT NULL,
    credit core.amount NOT NULL,
    currency_amount core.amount NOT NULL,
    CONSTRAINT account_balances_pkey
    PRIMARY KEY (tenant_id, account_id, business_id, period_id, currency_code, stripe),
    CONSTRAINT account_balances_sides_check CHECK (debit >= 0 AND credit >= 0),
    CONSTRAINT account_balances_account_fkey FOREIGN KEY (tenant_id, account_id)
    REFERENCES ledger.accounts (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT account_balances_period_fkey FOREIGN KEY (tenant_id, business_id, period_id)
    REFERENCES ledger.fiscal_periods (tenant_id, business_id, id) ON DELETE RESTRICT
) WITH (fillfactor = 50);
CREATE INDEX account_balances_period_idx
ON ledger.account_balances (tenant_id, business_id, period_id);
COMMENT ON TABLE ledger.account_balances IS
'What was posted to each account per business, period and currency, spread over stripes; a '
'balance is the sum of its stripes. Kept by triggers and posting functions only.';
COMMENT ON COLUMN ledger.account_balances.currency_code IS
'Transaction currency of the lines summed here.';
COMMENT ON COLUMN ledger.account_balances.stripe IS
'From 0; chosen by the server process, so that two of them seldom meet on one row.';
COMMENT ON COLUMN ledger.account_balances.debit IS
'Sum of the debit lines, in the functional currency.';
COMMENT ON COLUMN ledger.account_balances.credit IS
'Sum of the credit lines as a positive number, in the functional currency.';
COMMENT ON COLUMN ledger.account_balances.currency_amount IS
'Debits less credits in the transaction currency.';

-- What the posting functions make of an entry, and of a line, of their request.
CREATE TYPE ledger.parsed_entry AS (
    ordinal integer,
    entry_id uuid,
    business_id integer,
    functional_currency_code text,
    entry_date date,
    status text,
    description text,
    reference text,
    idempotency_key text,
    request_hash bytea,
    is_new boolean,
    problem_sqlstate text,
    problem text
);
COMMENT ON TYPE ledger.parsed_entry IS
'An entry of a batch, resolved and with the first problem found in it; used between the steps of '
'ledger.create_journal_entries.';

CREATE TYPE ledger.parsed_line AS (
    ordinal integer,
    entry_id uuid,
    business_id integer,
    entry_date date,
    line_no integer,
    account_id uuid,
    amount numeric,
    currency_code text,
    currency_amount numeric,
    exchange_rate numeric,
    description text,
    problem_sqlstate text,
    problem text
);
COMMENT ON TYPE ledger.parsed_line IS
'A line of a request, resolved and with the first problem found in it; made by ledger.parse_lines.';
