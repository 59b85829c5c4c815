DROP TYPE ledger.new_line;
ALTER TYPE ledger.parsed_line DROP ATTRIBUTE department_code,
DROP ATTRIBUTE counterparty,
DROP ATTRIBUTE due_date;
ALTER TYPE ledger.parsed_entry DROP ATTRIBUTE source_module,
DROP ATTRIBUTE source_id,
DROP ATTRIBUTE period_kind;
DROP TABLE ledger.account_roles;
DROP TABLE ledger.reversals;

DROP INDEX ledger.accounts_control_module_idx;
ALTER TABLE ledger.accounts
DROP CONSTRAINT accounts_cash_flow_activity_check,
DROP CONSTRAINT accounts_limits_check,
DROP COLUMN cash_flow_activity,
DROP COLUMN is_watched,
DROP COLUMN keeps_version,
DROP COLUMN credit_limit,
DROP COLUMN minimum_balance,
DROP COLUMN control_module;

ALTER TABLE ledger.account_balances
ALTER COLUMN debit TYPE core.amount,
ALTER COLUMN credit TYPE core.amount,
ADD CONSTRAINT account_balances_sides_check CHECK (debit >= 0 AND credit >= 0);

DROP INDEX ledger.journal_lines_department_idx;
DROP INDEX ledger.journal_lines_counterparty_idx;
ALTER TABLE ledger.journal_lines
ALTER COLUMN line_no TYPE integer,
ALTER COLUMN amount TYPE core.amount,
ALTER COLUMN description TYPE text,
ADD CONSTRAINT journal_lines_line_no_check CHECK (line_no > 0),
ADD CONSTRAINT journal_lines_amount_check CHECK (amount <> 0),
ADD CONSTRAINT journal_lines_description_check CHECK (length(description) <= 2000),
DROP CONSTRAINT journal_lines_currency_check,
ADD CONSTRAINT journal_lines_currency_check CHECK (
    num_nulls(currency_code, currency_amount, exchange_rate) IN (0, 3)
    AND (currency_amount IS NULL OR sign(currency_amount) = sign(amount))
),
DROP COLUMN due_date,
DROP COLUMN counterparty,
DROP COLUMN department_code;
COMMENT ON COLUMN ledger.journal_lines.currency_amount IS
'Debit positive, credit negative, in the transaction currency.';

DROP INDEX ledger.journal_entries_source_idx;
ALTER TABLE ledger.journal_entries
DROP CONSTRAINT journal_entries_source_check,
DROP CONSTRAINT journal_entries_void_reason_check,
ALTER COLUMN description TYPE text,
ALTER COLUMN reference TYPE text,
ADD CONSTRAINT journal_entries_description_check CHECK (length(description) <= 2000),
ADD CONSTRAINT journal_entries_reference_check CHECK (length(reference) <= 200),
DROP COLUMN void_reason,
DROP CONSTRAINT journal_entries_posted_at_check,
ADD CONSTRAINT journal_entries_posted_at_check
CHECK ((status = 'POSTED') = (posted_at IS NOT NULL)),
DROP COLUMN source_id,
DROP COLUMN source_module,
DROP COLUMN period_kind,
DROP COLUMN entry_number;
DROP SEQUENCE ledger.entry_numbers;
COMMENT ON TYPE ledger.entry_status IS
'DRAFT: may change and does not count; POSTED: in the books, never changes; VOIDED: abandoned.';
COMMENT ON COLUMN ledger.journal_entries.posted_at IS
'Start of the transaction that posted it; NULL while not posted. Set by a trigger.';

ALTER TABLE ledger.fiscal_periods
DROP CONSTRAINT fiscal_periods_starts_on_key,
ADD CONSTRAINT fiscal_periods_starts_on_key UNIQUE (tenant_id, business_id, starts_on),
DROP COLUMN kind;
DROP TYPE ledger.period_kind;
DROP DOMAIN core.turnover;
DROP DOMAIN core.moved_amount;
DROP DOMAIN core.place;
DROP DOMAIN core.finite_date;
DROP DOMAIN core.module_name;
DROP DOMAIN core.reference;
DROP DOMAIN core.reason;
DROP DOMAIN core.note;
