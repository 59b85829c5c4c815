-- Lifecycle of entries (void, reverse, source), kinds of periods, dimensions of lines, rules of
-- accounts, and accounts by role.
-- depends: 20261120_1030_ledger_balances
-- No release has these tables yet, so nobody's rows are scanned, rewritten or locked, and nobody
-- calls what is dropped:
-- squawk-ignore-file adding-field-with-default, adding-required-field, changing-column-type
-- squawk-ignore-file ban-drop-constraint, ban-drop-function
-- squawk-ignore-file constraint-missing-not-valid, disallowed-unique-constraint
-- squawk-ignore-file require-concurrent-index-creation

-- Functions whose arguments change; the repeatables make them anew.
DROP FUNCTION IF EXISTS ledger.create_journal_entry(
    text, date, text, jsonb, text, text, text, integer
);
DROP TRIGGER IF EXISTS journal_entries_stamp ON ledger.journal_entries;
DROP FUNCTION IF EXISTS ledger.account_problem(ledger.accounts, integer, text);
DROP FUNCTION IF EXISTS ledger.account_movements(integer, integer, date, date, uuid);
DROP FUNCTION IF EXISTS ledger.request_hash(text, date, text, jsonb, text, text);
DROP FUNCTION IF EXISTS identity.enter_tenant(integer);
DROP FUNCTION IF EXISTS identity.issue_token(integer, text, integer[], interval);

-- Rules about one value live in domains: a CHECK of the table is read from its text again by every
-- statement that writes, which cost a seventh of all the work of posting.
CREATE DOMAIN core.note AS text
CONSTRAINT note_is_short_check CHECK (length(VALUE) <= 2000);
COMMENT ON DOMAIN core.note IS 'What people write: up to 2000 characters.';
CREATE DOMAIN core.reason AS text
CONSTRAINT reason_is_given_check CHECK (length(VALUE) BETWEEN 1 AND 2000);
COMMENT ON DOMAIN core.reason IS 'Why something was done: 1 to 2000 characters.';
CREATE DOMAIN core.reference AS text
CONSTRAINT reference_is_short_check CHECK (length(VALUE) <= 200);
COMMENT ON DOMAIN core.reference IS
'The number or id by which a document is known elsewhere: up to 200 characters.';
CREATE DOMAIN core.module_name AS text
CONSTRAINT module_name_is_snake_case_check CHECK (VALUE ~ '^[a-z][a-z0-9_.]{0,62}$');
COMMENT ON DOMAIN core.module_name IS
'The name of a module: lower case letters, digits, underscores, points; up to 63.';
CREATE DOMAIN core.finite_date AS date
CONSTRAINT finite_date_is_finite_check CHECK (isfinite(VALUE));
COMMENT ON DOMAIN core.finite_date IS 'A date, but not infinity.';
CREATE DOMAIN core.place AS integer
CONSTRAINT place_is_from_1_check CHECK (VALUE > 0);
COMMENT ON DOMAIN core.place IS 'The place in a list, from 1.';
CREATE DOMAIN core.moved_amount AS numeric(20, 4)
CONSTRAINT moved_amount_is_not_zero_check CHECK (VALUE <> 0 AND VALUE <> 'NaN'::numeric);
COMMENT ON DOMAIN core.moved_amount IS
'Money that moves: like core.amount, signed, but neither zero nor NaN.';
CREATE DOMAIN core.turnover AS numeric(20, 4)
CONSTRAINT turnover_is_not_negative_check CHECK (VALUE >= 0 AND VALUE <> 'NaN'::numeric);
COMMENT ON DOMAIN core.turnover IS 'The sum of one side, debits or credits: zero or more.';

CREATE TYPE ledger.period_kind AS ENUM ('regular', 'adjusting', 'closing');
COMMENT ON TYPE ledger.period_kind IS
'regular: a span of days; adjusting: period 13, the last day of the year once more, for the '
'auditors'' entries; closing: the same day, for the entries that close the year to equity.';

ALTER TABLE ledger.fiscal_periods
ADD COLUMN kind ledger.period_kind NOT NULL DEFAULT 'regular',
DROP CONSTRAINT fiscal_periods_starts_on_key,
ADD CONSTRAINT fiscal_periods_starts_on_key UNIQUE (tenant_id, business_id, kind, starts_on);
COMMENT ON COLUMN ledger.fiscal_periods.kind IS
'Which entries it takes: those whose period_kind is the same.';

CREATE SEQUENCE ledger.entry_numbers AS bigint;
COMMENT ON SEQUENCE ledger.entry_numbers IS
'Numbers of entries, unique from the start, with gaps; the gap-free ones are assigned later.';

ALTER TABLE ledger.journal_entries
ADD COLUMN entry_number bigint NOT NULL,
ADD COLUMN period_kind ledger.period_kind NOT NULL DEFAULT 'regular',
ADD COLUMN source_module core.module_name,
ADD COLUMN source_id core.reference,
ADD COLUMN void_reason core.reason,
ALTER COLUMN description TYPE core.note,
ALTER COLUMN reference TYPE core.reference,
DROP CONSTRAINT journal_entries_description_check,
DROP CONSTRAINT journal_entries_reference_check,
ADD CONSTRAINT journal_entries_void_reason_check
CHECK (void_reason IS NULL OR status = 'VOIDED'),
DROP CONSTRAINT journal_entries_posted_at_check,
ADD CONSTRAINT journal_entries_posted_at_check
CHECK ((posted_at IS NOT NULL) = (status = 'POSTED') OR status = 'VOIDED'),
ADD CONSTRAINT journal_entries_source_check
CHECK (source_id IS NULL OR source_module IS NOT NULL);
CREATE INDEX journal_entries_source_idx
ON ledger.journal_entries (tenant_id, source_module, source_id) WHERE source_id IS NOT NULL;
COMMENT ON TYPE ledger.entry_status IS
'DRAFT: may change and does not count; POSTED: in the books, never changes; VOIDED: abandoned '
'while a draft, or posted and then reversed (posted_at tells; then it and its reversal both '
'count, and cancel out).';
COMMENT ON COLUMN ledger.journal_entries.entry_number IS
'Unique from the start, given in the order of making, with gaps; set by a trigger, whatever is '
'given. The gap-free number of the journal is in ledger.journal_numbers.';
COMMENT ON COLUMN ledger.journal_entries.period_kind IS
'Which kind of period of its date it lies in.';
COMMENT ON COLUMN ledger.journal_entries.source_module IS
'The module that made it, such as billing; NULL: made by hand. Control accounts go by it.';
COMMENT ON COLUMN ledger.journal_entries.source_id IS
'The document or event of that module that it records.';
COMMENT ON COLUMN ledger.journal_entries.void_reason IS
'Why it was abandoned or reversed, in the words of whoever did it; NULL while not VOIDED.';
COMMENT ON COLUMN ledger.journal_entries.posted_at IS
'Start of the transaction that posted it: not NULL means that it counts in the books. Set by a '
'trigger.';

ALTER TABLE ledger.journal_lines
ADD COLUMN department_code core.code,
ADD COLUMN counterparty core.code,
ADD COLUMN due_date core.finite_date,
ALTER COLUMN line_no TYPE core.place,
ALTER COLUMN amount TYPE core.moved_amount,
ALTER COLUMN description TYPE core.note,
DROP CONSTRAINT journal_lines_line_no_check,
DROP CONSTRAINT journal_lines_amount_check,
DROP CONSTRAINT journal_lines_description_check,
DROP CONSTRAINT journal_lines_currency_check,
ADD CONSTRAINT journal_lines_currency_check CHECK (
    (currency_code IS NULL) = (currency_amount IS NULL)
    AND (currency_code IS NULL) = (exchange_rate IS NULL)
    AND (currency_amount IS NULL OR currency_amount * amount >= 0)
);

ALTER TABLE ledger.account_balances
ALTER COLUMN debit TYPE core.turnover,
ALTER COLUMN credit TYPE core.turnover,
DROP CONSTRAINT account_balances_sides_check;

CREATE INDEX journal_lines_counterparty_idx
ON ledger.journal_lines (tenant_id, account_id, counterparty) WHERE counterparty IS NOT NULL;
CREATE INDEX journal_lines_department_idx
ON ledger.journal_lines (tenant_id, department_code, account_id)
WHERE department_code IS NOT NULL;
COMMENT ON COLUMN ledger.journal_lines.currency_amount IS
'Debit positive, credit negative, in the transaction currency; 0 where only the value in the '
'functional currency is adjusted (exchange gains and losses).';
COMMENT ON COLUMN ledger.journal_lines.department_code IS
'The department that earned or spent it, as budgets know it; a logical reference.';
COMMENT ON COLUMN ledger.journal_lines.counterparty IS
'Who owes or is owed (a customer''s, vendor''s or employee''s code or id); a logical reference. '
'Aged balances go by it.';
COMMENT ON COLUMN ledger.journal_lines.due_date IS
'When it falls due; NULL: on the entry''s date.';

ALTER TABLE ledger.accounts
ADD COLUMN control_module core.module_name,
ADD COLUMN minimum_balance core.amount,
ADD COLUMN credit_limit core.amount,
ADD COLUMN keeps_version boolean NOT NULL DEFAULT false,
ADD COLUMN is_watched boolean NOT NULL DEFAULT false,
ADD COLUMN cash_flow_activity text,
ADD CONSTRAINT accounts_limits_check CHECK (credit_limit >= minimum_balance),
ADD CONSTRAINT accounts_cash_flow_activity_check
CHECK (cash_flow_activity IN ('cash', 'operating', 'investing', 'financing'));
CREATE INDEX accounts_control_module_idx ON ledger.accounts (tenant_id, control_module)
WHERE control_module IS NOT NULL;
COMMENT ON COLUMN ledger.accounts.control_module IS
'Only entries of this source_module post to it; NULL: any.';
COMMENT ON COLUMN ledger.accounts.minimum_balance IS
'What the balance of each business, on the account''s normal side and in the functional currency, '
'never falls below (0: never overdrawn; -500: overdrawn by 500 at most); NULL: no limit.';
COMMENT ON COLUMN ledger.accounts.credit_limit IS
'What the balance of each business, on the account''s normal side and in the functional currency, '
'never exceeds; NULL: no limit.';
COMMENT ON COLUMN ledger.accounts.keeps_version IS
'True: every posting to it raises its version, which a caller can demand to be unchanged.';
COMMENT ON COLUMN ledger.accounts.is_watched IS
'True: posting to it takes the slow path, since a limit, a version or a budget concerns it. Kept '
'by triggers.';
COMMENT ON COLUMN ledger.accounts.cash_flow_activity IS
'Where the cash flow statement shows it: cash itself, operating, investing or financing; NULL: '
'by its type (revenue, expense, current assets and liabilities: operating; equity: financing).';

-- Reversals: linked both ways, once only.
CREATE TABLE ledger.reversals (
    tenant_id integer NOT NULL,
    entry_id uuid NOT NULL,
    reversal_id uuid NOT NULL,
    reason core.reason NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT reversals_pkey PRIMARY KEY (tenant_id, entry_id),
    CONSTRAINT reversals_reversal_key UNIQUE (tenant_id, reversal_id),
    CONSTRAINT reversals_entries_check CHECK (entry_id <> reversal_id),
    CONSTRAINT reversals_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE RESTRICT
);
COMMENT ON TABLE ledger.reversals IS
'Which entry reverses which. An entry is reversed at most once; a reversal can itself be '
'reversed. Outlives archived entries, hence no foreign keys to them. Never changes.';
COMMENT ON COLUMN ledger.reversals.entry_id IS 'The entry that was reversed.';
COMMENT ON COLUMN ledger.reversals.reversal_id IS 'The entry with the opposite amounts.';
COMMENT ON COLUMN ledger.reversals.reason IS 'Why, in the words of whoever did it.';

-- Accounts by what they are for, so that functions and rules need not know codes.
CREATE TABLE ledger.account_roles (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    business_id integer,
    role core.code NOT NULL,
    account_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT account_roles_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT account_roles_role_key
    UNIQUE NULLS NOT DISTINCT (tenant_id, role, business_id),
    CONSTRAINT account_roles_business_fkey FOREIGN KEY (tenant_id, business_id)
    REFERENCES identity.businesses (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT account_roles_account_fkey FOREIGN KEY (tenant_id, account_id)
    REFERENCES ledger.accounts (tenant_id, id) ON DELETE RESTRICT
);
CREATE INDEX account_roles_business_idx ON ledger.account_roles (tenant_id, business_id);
CREATE INDEX account_roles_account_idx ON ledger.account_roles (tenant_id, account_id);
COMMENT ON TABLE ledger.account_roles IS
'Which account plays which part (retained_earnings, exchange_gain, …), for all businesses or, '
'overriding that, for one.';
COMMENT ON COLUMN ledger.account_roles.business_id IS
'NULL: every business that has no row of its own.';
COMMENT ON COLUMN ledger.account_roles.role IS
'The part it plays, in snake_case; functions name those they need.';

-- What posting functions hand to each other.
ALTER TYPE ledger.parsed_entry ADD ATTRIBUTE source_module text,
ADD ATTRIBUTE source_id text,
ADD ATTRIBUTE period_kind text;
ALTER TYPE ledger.parsed_line ADD ATTRIBUTE department_code text,
ADD ATTRIBUTE counterparty text,
ADD ATTRIBUTE due_date date;

CREATE TYPE ledger.new_line AS (
    account_id uuid,
    amount numeric,
    currency_code text,
    currency_amount numeric,
    exchange_rate numeric,
    description text,
    department_code text,
    counterparty text,
    due_date date
);
COMMENT ON TYPE ledger.new_line IS
'A line as functions of the ledger write it: signed amount in the functional currency, currency '
'columns as in ledger.journal_lines; made for ledger.insert_entry.';
