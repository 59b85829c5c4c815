-- Exchange rates with their history, matches of open items, and which accounts are revalued.
-- depends: 20261120_1200_ledger_lifecycle

CREATE TABLE ledger.exchange_rates (
    tenant_id integer NOT NULL,
    currency_code core.currency_code NOT NULL,
    to_currency_code core.currency_code NOT NULL,
    rate_type text NOT NULL,
    valid_on date NOT NULL,
    revision integer NOT NULL,
    rate core.exchange_rate,
    source core.label NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT exchange_rates_pkey PRIMARY KEY (
        tenant_id, currency_code, to_currency_code, rate_type, valid_on, revision
    ),
    CONSTRAINT exchange_rates_pair_check CHECK (currency_code <> to_currency_code),
    CONSTRAINT exchange_rates_rate_type_check CHECK (rate_type ~ '^[a-z][a-z0-9_]{0,62}$'),
    CONSTRAINT exchange_rates_valid_on_check CHECK (isfinite(valid_on)),
    CONSTRAINT exchange_rates_revision_check CHECK (revision > 0),
    CONSTRAINT exchange_rates_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE RESTRICT,
    CONSTRAINT exchange_rates_currency_fkey FOREIGN KEY (currency_code)
    REFERENCES ledger.currencies (code) ON DELETE RESTRICT,
    CONSTRAINT exchange_rates_to_currency_fkey FOREIGN KEY (to_currency_code)
    REFERENCES ledger.currencies (code) ON DELETE RESTRICT
);
CREATE INDEX exchange_rates_currency_idx ON ledger.exchange_rates (currency_code);
CREATE INDEX exchange_rates_to_currency_idx ON ledger.exchange_rates (to_currency_code);
COMMENT ON TABLE ledger.exchange_rates IS
'What a currency was worth in another on a day, as the tenant sees it. A correction is a further '
'row with the next revision; rows never change or go, and posted lines keep the rate they were '
'posted with.';
COMMENT ON COLUMN ledger.exchange_rates.rate_type IS
'spot, or another name in snake_case, such as closing or average.';
COMMENT ON COLUMN ledger.exchange_rates.valid_on IS
'The day it is of; it holds until the next day that has one.';
COMMENT ON COLUMN ledger.exchange_rates.revision IS
'From 1; of several rates of one day the one with the highest holds.';
COMMENT ON COLUMN ledger.exchange_rates.rate IS
'Units of to_currency_code for one unit of currency_code; NULL: the rate of that day was '
'withdrawn.';
COMMENT ON COLUMN ledger.exchange_rates.source IS 'Who says so: ECB, CBK, manual.';

-- Settlement: which debit paid which credit, and how much of it.
CREATE TABLE ledger.matches (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    business_id integer NOT NULL,
    account_id uuid NOT NULL,
    counterparty core.code,
    currency_code core.currency_code NOT NULL,
    debit_entry_id uuid NOT NULL,
    debit_line_no integer NOT NULL,
    debit_match_no integer NOT NULL,
    credit_entry_id uuid NOT NULL,
    credit_line_no integer NOT NULL,
    credit_match_no integer NOT NULL,
    amount core.amount NOT NULL,
    debit_value core.amount NOT NULL,
    credit_value core.amount NOT NULL,
    gain_entry_id uuid,
    is_reversal boolean NOT NULL DEFAULT false,
    matched_on date NOT NULL,
    unmatched_on date,
    unmatch_reason text,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT matches_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT matches_debit_key
    UNIQUE (tenant_id, debit_entry_id, debit_line_no, debit_match_no),
    CONSTRAINT matches_credit_key
    UNIQUE (tenant_id, credit_entry_id, credit_line_no, credit_match_no),
    CONSTRAINT matches_gain_entry_key UNIQUE (tenant_id, gain_entry_id),
    CONSTRAINT matches_amounts_check
    CHECK (amount > 0 AND debit_value >= 0 AND credit_value >= 0),
    CONSTRAINT matches_gain_entry_check
    CHECK ((gain_entry_id IS NULL) = (debit_value = credit_value)),
    CONSTRAINT matches_matched_on_check CHECK (isfinite(matched_on)),
    CONSTRAINT matches_unmatched_on_check CHECK (
        num_nulls(unmatched_on, unmatch_reason) IN (0, 2)
        AND unmatched_on >= matched_on
        AND isfinite(unmatched_on)
    ),
    CONSTRAINT matches_unmatch_reason_check CHECK (length(unmatch_reason) BETWEEN 1 AND 2000),
    CONSTRAINT matches_business_fkey FOREIGN KEY (tenant_id, business_id)
    REFERENCES identity.businesses (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT matches_account_fkey FOREIGN KEY (tenant_id, account_id)
    REFERENCES ledger.accounts (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT matches_currency_fkey FOREIGN KEY (currency_code)
    REFERENCES ledger.currencies (code) ON DELETE RESTRICT
);
CREATE INDEX matches_business_idx ON ledger.matches (tenant_id, business_id);
CREATE INDEX matches_account_idx
ON ledger.matches (tenant_id, account_id, business_id, counterparty);
CREATE INDEX matches_currency_idx ON ledger.matches (currency_code);
COMMENT ON TABLE ledger.matches IS
'Which debit line settles which credit line of the same account, business, counterparty and '
'currency, and by how much. What of a line is not matched is open. A match is undone, never '
'deleted. Outlives archived entries, hence no foreign keys to them.';
COMMENT ON COLUMN ledger.matches.counterparty IS 'That of both lines; NULL: they have none.';
COMMENT ON COLUMN ledger.matches.currency_code IS
'Transaction currency of both lines, the functional one included.';
COMMENT ON COLUMN ledger.matches.debit_entry_id IS
'With debit_line_no: the debit line in ledger.journal_lines.';
COMMENT ON COLUMN ledger.matches.debit_line_no IS 'Of debit_entry_id.';
COMMENT ON COLUMN ledger.matches.credit_entry_id IS
'With credit_line_no: the credit line in ledger.journal_lines.';
COMMENT ON COLUMN ledger.matches.credit_line_no IS 'Of credit_entry_id.';
COMMENT ON COLUMN ledger.matches.debit_match_no IS
'From 1 within the debit line, undone ones included: two transactions that match one line without '
'seeing each other clash here.';
COMMENT ON COLUMN ledger.matches.credit_match_no IS
'From 1 within the credit line, undone ones included.';
COMMENT ON COLUMN ledger.matches.amount IS
'How much of each line is settled, in the transaction currency; positive.';
COMMENT ON COLUMN ledger.matches.debit_value IS
'The part of the debit line''s functional amount that goes with it; positive.';
COMMENT ON COLUMN ledger.matches.credit_value IS
'The part of the credit line''s functional amount that goes with it, as a positive number.';
COMMENT ON COLUMN ledger.matches.gain_entry_id IS
'The entry in ledger.journal_entries that books the realised gain or loss, credit_value less '
'debit_value on the account; NULL: there is none.';
COMMENT ON COLUMN ledger.matches.is_reversal IS
'True: made by the reversal of the one entry by the other.';
COMMENT ON COLUMN ledger.matches.matched_on IS
'From this day on the amount is not open any more; not before the dates of the lines.';
COMMENT ON COLUMN ledger.matches.unmatched_on IS
'From this day on it is open again; NULL: the match holds.';
COMMENT ON COLUMN ledger.matches.unmatch_reason IS
'Why it was undone, in the words of whoever did it.';

-- No release has this table yet: nobody's rows are scanned, rewritten or locked.
ALTER TABLE ledger.accounts
-- squawk-ignore adding-field-with-default
ADD COLUMN is_monetary boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN ledger.accounts.is_monetary IS
'Whether ledger.revalue revalues its balances in other currencies; looked at for assets and '
'liabilities only. False for what is no claim to money, such as inventory and prepayments.';
