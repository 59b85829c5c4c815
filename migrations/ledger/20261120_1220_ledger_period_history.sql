-- What happened to periods, gap-free journal numbers, and entries of the year-end apart from
-- others.
-- depends: 20261120_1200_ledger_lifecycle
-- No release has these tables yet: nobody's rows are scanned.
-- squawk-ignore-file constraint-missing-not-valid

CREATE TYPE ledger.period_action AS ENUM ('soft_closed', 'closed', 'reopened', 'posted');
COMMENT ON TYPE ledger.period_action IS
'soft_closed, closed, reopened: the period changed its status; posted: an entry was posted into it '
'while it was soft-closed, or by closing or reopening its fiscal year.';

CREATE TABLE ledger.period_events (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    business_id integer NOT NULL,
    period_id uuid NOT NULL,
    action ledger.period_action NOT NULL,
    old_status ledger.period_status,
    new_status ledger.period_status NOT NULL,
    entry_id uuid,
    reason text,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT period_events_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT period_events_action_check CHECK (
        CASE action
            WHEN 'posted' THEN entry_id IS NOT NULL AND old_status = new_status
            ELSE entry_id IS NULL AND old_status IS DISTINCT FROM new_status
        END
    ),
    CONSTRAINT period_events_reason_check CHECK (
        length(reason) BETWEEN 1 AND 2000 AND (action <> 'reopened' OR reason IS NOT NULL)
    ),
    CONSTRAINT period_events_period_fkey FOREIGN KEY (tenant_id, business_id, period_id)
    REFERENCES ledger.fiscal_periods (tenant_id, business_id, id) ON DELETE RESTRICT
);
CREATE INDEX period_events_period_idx
ON ledger.period_events (tenant_id, business_id, period_id, entry_id);
COMMENT ON TABLE ledger.period_events IS
'The history of fiscal periods: every change of status, every posting into a soft-closed period, '
'and the entries that close years. Never changes and never goes. Outlives archived entries, hence '
'no foreign key to them.';
COMMENT ON COLUMN ledger.period_events.action IS
'What happened; created_at and created_by say when and by whom.';
COMMENT ON COLUMN ledger.period_events.old_status IS
'The status before; NULL: the period was made with new_status.';
COMMENT ON COLUMN ledger.period_events.new_status IS 'The status after.';
COMMENT ON COLUMN ledger.period_events.entry_id IS 'The entry that was posted; else NULL.';
COMMENT ON COLUMN ledger.period_events.reason IS
'In the words of whoever did it; never NULL where a period was reopened.';

CREATE TABLE ledger.journal_numbers (
    tenant_id integer NOT NULL,
    business_id integer NOT NULL,
    fiscal_year_id uuid NOT NULL,
    journal_number bigint NOT NULL,
    entry_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT journal_numbers_pkey
    PRIMARY KEY (tenant_id, business_id, fiscal_year_id, journal_number),
    CONSTRAINT journal_numbers_entry_key UNIQUE (tenant_id, entry_id),
    CONSTRAINT journal_numbers_journal_number_check CHECK (journal_number > 0),
    CONSTRAINT journal_numbers_fiscal_year_fkey
    FOREIGN KEY (tenant_id, business_id, fiscal_year_id)
    REFERENCES ledger.fiscal_years (tenant_id, business_id, id) ON DELETE RESTRICT
);
COMMENT ON TABLE ledger.journal_numbers IS
'The gap-free number of each posted entry within its business and fiscal year, from 1; assigned '
'when a period closes or on demand, never at posting. Never changes and never goes. Outlives '
'archived entries, hence no foreign key to them. No stamps but created_at: it is written once.';
COMMENT ON COLUMN ledger.journal_numbers.journal_number IS
'From 1 within the business and fiscal year, without gaps.';
COMMENT ON COLUMN ledger.journal_numbers.entry_id IS 'The posted entry that has the number.';

ALTER TABLE ledger.journal_entries
ADD CONSTRAINT journal_entries_closing_check CHECK (
    period_kind <> 'closing' OR coalesce(source_module = 'ledger', false)
);
