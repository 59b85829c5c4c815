-- The triggers that defend the books are there, on every partition too, and enabled
WITH wanted (table_name, trigger_name) AS (
    VALUES
    ('ledger.journal_entries', 'journal_entries_prepare'),
    ('ledger.journal_entries', 'journal_entries_delete'),
    ('ledger.journal_entries', 'journal_entries_hold'),
    ('ledger.journal_entries', 'journal_entries_hold_delete'),
    ('ledger.journal_entries', 'journal_entries_date'),
    ('ledger.journal_entries', 'journal_entries_post'),
    ('ledger.journal_entries', 'journal_entries_check'),
    ('ledger.journal_entries', 'journal_entries_check_change'),
    ('ledger.journal_entries', 'refuse_truncate'),
    ('ledger.journal_lines', 'journal_lines_guard_insert'),
    ('ledger.journal_lines', 'journal_lines_guard_change'),
    ('ledger.journal_lines', 'journal_lines_apply'),
    ('ledger.journal_lines', 'journal_lines_check'),
    ('ledger.journal_lines', 'refuse_truncate'),
    ('ledger_archive.journal_entries', 'journal_entries_refuse'),
    ('ledger_archive.journal_entries', 'refuse_truncate'),
    ('ledger_archive.journal_lines', 'journal_lines_refuse'),
    ('ledger_archive.journal_lines', 'refuse_truncate'),
    ('ledger.account_balances', 'refuse_truncate'),
    ('ledger.account_heads', 'refuse_truncate'),
    ('ledger.holds', 'refuse_truncate'),
    ('ledger.held_amounts', 'refuse_truncate'),
    ('ledger.reversals', 'reversals_guard'),
    ('ledger.reversals', 'reversals_void'),
    ('ledger.reversals', 'reversals_settle'),
    ('ledger.matches', 'matches_guard'),
    ('ledger.matches', 'refuse_truncate'),
    ('ledger.exchange_rates', 'exchange_rates_guard'),
    ('ledger.exchange_rates', 'refuse_truncate'),
    ('ledger.reversals', 'refuse_truncate'),
    ('ledger.accounts', 'accounts_move'),
    ('ledger.budgets', 'budgets_guard'),
    ('ledger.budgets', 'budgets_watch'),
    ('ledger.budgets', 'refuse_truncate'),
    ('ledger.budget_revisions', 'budget_revisions_guard'),
    ('ledger.budget_revisions', 'refuse_truncate'),
    ('ledger.budget_lines', 'budget_lines_guard'),
    ('ledger.budget_lines', 'refuse_truncate'),
    ('ledger.budget_warnings', 'budget_warnings_guard'),
    ('ledger.budget_warnings', 'refuse_truncate'),
    ('finance.financial_reports', 'financial_reports_prepare'),
    ('finance.financial_reports', 'financial_reports_guard'),
    ('finance.financial_reports', 'refuse_truncate'),
    ('ledger.seals', 'seals_append_only'),
    ('ledger.seals', 'seals_refuse_truncate'),
    ('ledger.sealed_entries', 'sealed_entries_append_only'),
    ('ledger.sealed_entries', 'sealed_entries_refuse_truncate'),
    ('ledger.reversals', 'reversals_closing'),
    ('ledger.fiscal_periods', 'fiscal_periods_guard'),
    ('ledger.fiscal_periods', 'fiscal_periods_status'),
    ('ledger.fiscal_periods', 'fiscal_periods_log'),
    ('ledger.period_events', 'period_events_guard'),
    ('ledger.period_events', 'refuse_truncate'),
    ('ledger.journal_numbers', 'journal_numbers_guard'),
    ('ledger.journal_numbers', 'refuse_truncate'),
    ('ledger.fiscal_years', 'fiscal_years_guard'),
    ('ledger.accounts', 'accounts_guard'),
    ('ledger.accounts', 'accounts_watch'),
    ('ledger.accounts', 'accounts_heads')
),

-- finance may be in another database.
here AS (
    SELECT
        w.trigger_name,
        CASE
            WHEN to_regnamespace(split_part(w.table_name, '.', 1)) IS NOT NULL
                THEN w.table_name::regclass
        END AS relid
    FROM wanted AS w
),

places AS (
    SELECT
        h.trigger_name,
        h.relid
    FROM here AS h
    WHERE h.relid IS NOT NULL
    UNION
    SELECT
        h.trigger_name,
        p.relid
    FROM here AS h
    CROSS JOIN LATERAL pg_catalog.pg_partition_tree(h.relid) AS p
)

SELECT
    p.relid AS table_name,
    p.trigger_name,
    coalesce(t.tgenabled::text, 'missing') AS state
FROM places AS p
LEFT JOIN pg_catalog.pg_trigger AS t ON p.relid = t.tgrelid AND p.trigger_name = t.tgname
WHERE t.tgenabled IS DISTINCT FROM 'O'
UNION
SELECT
    t.tgrelid::regclass AS table_name,
    t.tgname AS trigger_name,
    t.tgenabled::text AS state
FROM pg_catalog.pg_trigger AS t
INNER JOIN pg_catalog.pg_class AS c ON t.tgrelid = c.oid
WHERE
    c.relnamespace IN ('ledger'::regnamespace, 'ledger_archive'::regnamespace)
    AND t.tgenabled <> 'O';
