-- What statements of days within a period read: the lines of an account from the index alone, and
-- the few entries that do not count.
-- depends: 20261120_1200_ledger_lifecycle
-- No release has these tables yet, so nobody's rows are locked:
-- squawk-ignore-file require-concurrent-index-creation, require-concurrent-index-deletion

DROP INDEX ledger.journal_lines_account_idx;
CREATE INDEX journal_lines_account_idx
ON ledger.journal_lines (tenant_id, account_id, business_id, entry_date) INCLUDE (amount);
COMMENT ON INDEX ledger.journal_lines_account_idx IS
'Balances of days within a period are summed from it without the table, hence the amount.';

CREATE INDEX journal_entries_unposted_idx
ON ledger.journal_entries (tenant_id, business_id, entry_date) WHERE posted_at IS NULL;
COMMENT ON INDEX ledger.journal_entries_unposted_idx IS
'Drafts, and those that were abandoned: sums of lines are made without them.';

CREATE TYPE ledger.day_span AS (
    business_id integer,
    first_day date,
    last_day date,
    factor integer
);
COMMENT ON TYPE ledger.day_span IS
'Days of a business, both included, whose lines count as often as the factor says (1 or -1); used '
'inside ledger.account_movements.';
