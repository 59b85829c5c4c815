-- The journal: entries and their lines, partitioned by year on time-ordered keys, and idempotency
-- keys.
-- depends: 20261120_1010_ledger_fiscal_periods

CREATE TYPE ledger.entry_status AS ENUM ('DRAFT', 'POSTED', 'VOIDED');
COMMENT ON TYPE ledger.entry_status IS
'DRAFT: may change and does not count; POSTED: in the books, never changes; VOIDED: abandoned.';

CREATE TABLE ledger.journal_entries (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    business_id integer NOT NULL,
    period_id uuid NOT NULL,
    entry_date date NOT NULL,
    status ledger.entry_status NOT NULL DEFAULT 'DRAFT',
    description text NOT NULL,
    reference text,
    posted_at timestamptz,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT journal_entries_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT journal_entries_description_check CHECK (length(description) <= 2000),
    CONSTRAINT journal_entries_reference_check CHECK (length(reference) <= 200),
    CONSTRAINT journal_entries_posted_at_check
    CHECK ((status = 'POSTED') = (posted_at IS NOT NULL)),
    CONSTRAINT journal_entries_period_fkey FOREIGN KEY (tenant_id, business_id, period_id)
    REFERENCES ledger.fiscal_periods (tenant_id, business_id, id) ON DELETE RESTRICT
) PARTITION BY RANGE (id);
CREATE INDEX journal_entries_period_idx
ON ledger.journal_entries (tenant_id, business_id, period_id, entry_date);
COMMENT ON TABLE ledger.journal_entries IS
'The headers of journal entries. A POSTED entry has at least two lines that sum to zero, lies in '
'an open period when posted, and never changes or goes.';
COMMENT ON COLUMN ledger.journal_entries.id IS
'uuid version 7: its time decides the yearly partition.';
COMMENT ON COLUMN ledger.journal_entries.period_id IS
'The fiscal period of entry_date; set by a trigger, whatever is given.';
COMMENT ON COLUMN ledger.journal_entries.entry_date IS
'Effective date: statements go by it, not by when the row was made.';
COMMENT ON COLUMN ledger.journal_entries.reference IS
'The number of the document it records, as people know it.';
COMMENT ON COLUMN ledger.journal_entries.posted_at IS
'Start of the transaction that posted it; NULL while not posted. Set by a trigger.';

CREATE TABLE ledger.journal_lines (
    tenant_id integer NOT NULL,
    entry_id uuid NOT NULL,
    line_no integer NOT NULL,
    account_id uuid NOT NULL,
    business_id integer NOT NULL,
    entry_date date NOT NULL,
    amount core.amount NOT NULL,
    currency_code core.currency_code,
    currency_amount core.amount,
    exchange_rate core.exchange_rate,
    description text,
    CONSTRAINT journal_lines_pkey PRIMARY KEY (tenant_id, entry_id, line_no),
    CONSTRAINT journal_lines_line_no_check CHECK (line_no > 0),
    CONSTRAINT journal_lines_amount_check CHECK (amount <> 0),
    CONSTRAINT journal_lines_currency_check CHECK (
        num_nulls(currency_code, currency_amount, exchange_rate) IN (0, 3)
        AND (currency_amount IS NULL OR sign(currency_amount) = sign(amount))
    ),
    CONSTRAINT journal_lines_description_check CHECK (length(description) <= 2000),
    CONSTRAINT journal_lines_entry_fkey FOREIGN KEY (tenant_id, entry_id)
    REFERENCES ledger.journal_entries (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT journal_lines_account_fkey FOREIGN KEY (tenant_id, account_id)
    REFERENCES ledger.accounts (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT journal_lines_currency_fkey FOREIGN KEY (currency_code)
    REFERENCES ledger.currencies (code) ON DELETE RESTRICT
) PARTITION BY RANGE (entry_id);
CREATE INDEX journal_lines_account_idx
ON ledger.journal_lines (tenant_id, account_id, business_id, entry_date);
CREATE INDEX journal_lines_currency_idx ON ledger.journal_lines (currency_code)
WHERE currency_code IS NOT NULL;
COMMENT ON TABLE ledger.journal_lines IS
'The lines of journal entries. They live and die with a DRAFT and are immutable once it is '
'posted. No stamps of their own: those of the entry hold.';
COMMENT ON COLUMN ledger.journal_lines.line_no IS 'From 1 within the entry.';
COMMENT ON COLUMN ledger.journal_lines.business_id IS
'The entry''s, kept here by triggers for the index by account and date; equality is checked at '
'commit.';
COMMENT ON COLUMN ledger.journal_lines.entry_date IS
'The entry''s, kept here by triggers for the index by account and date; equality is checked at '
'commit.';
COMMENT ON COLUMN ledger.journal_lines.amount IS
'Debit positive, credit negative, in the functional currency of the business.';
COMMENT ON COLUMN ledger.journal_lines.currency_code IS
'Transaction currency where it is not the functional one, else NULL.';
COMMENT ON COLUMN ledger.journal_lines.currency_amount IS
'Debit positive, credit negative, in the transaction currency.';
COMMENT ON COLUMN ledger.journal_lines.exchange_rate IS
'Units of the functional currency for one unit of the transaction currency.';

CREATE TABLE ledger.idempotency_keys (
    tenant_id integer NOT NULL,
    idempotency_key core.code NOT NULL,
    entry_id uuid NOT NULL,
    request_hash bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (tenant_id, idempotency_key),
    CONSTRAINT idempotency_keys_request_hash_check CHECK (length(request_hash) = 32),
    CONSTRAINT idempotency_keys_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE RESTRICT
);
CREATE INDEX idempotency_keys_entry_idx ON ledger.idempotency_keys (tenant_id, entry_id);
COMMENT ON TABLE ledger.idempotency_keys IS
'Which request made which entry, so that a request sent twice is carried out once. Outlives '
'archived entries, hence no foreign key to them.';
COMMENT ON COLUMN ledger.idempotency_keys.idempotency_key IS
'Chosen by the caller, unique within the tenant.';
COMMENT ON COLUMN ledger.idempotency_keys.entry_id IS 'The entry in ledger.journal_entries.';
COMMENT ON COLUMN ledger.idempotency_keys.request_hash IS
'SHA-256 of the request as canonical jsonb text: another request under the same key is refused.';

-- One partition a year, by the time in the key; the default one catches the rest.
DO $do$
DECLARE
    v_table text;
    v_year integer;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['journal_entries', 'journal_lines'] LOOP
        FOR v_year IN 2026..2028 LOOP
            EXECUTE format(
                'CREATE TABLE ledger.%I PARTITION OF ledger.%I FOR VALUES FROM (%L) TO (%L)',
                v_table || '_' || v_year, v_table,
                core.uuid_v7_floor(make_timestamptz(v_year, 1, 1, 0, 0, 0, 'UTC')),
                core.uuid_v7_floor(make_timestamptz(v_year + 1, 1, 1, 0, 0, 0, 'UTC'))
            );
            EXECUTE format(
                'COMMENT ON TABLE ledger.%I IS %L', v_table || '_' || v_year,
                format('Rows of ledger.%s whose key was made in %s (UTC).', v_table, v_year)
            );
        END LOOP;
        EXECUTE format(
            'CREATE TABLE ledger.%I PARTITION OF ledger.%I DEFAULT', v_table || '_default', v_table
        );
        EXECUTE format(
            'COMMENT ON TABLE ledger.%I IS %L', v_table || '_default',
            format('Rows of ledger.%s whose key lies in no year that has a partition.', v_table)
        );
    END LOOP;
END;
$do$;
