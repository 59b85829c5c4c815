-- reapply: migrations
-- Truncating is refused on the table and on each partition: statement triggers are not inherited.
DO $do$
DECLARE
    v_table regclass;
BEGIN
    FOR v_table IN
        SELECT t.relid
        FROM unnest(ARRAY[
            'core.document_counters',
            'finance.financial_reports',
            'ledger.account_balances',
            'ledger.account_heads',
            'ledger.budget_heads',
            'ledger.budget_lines',
            'ledger.budget_revisions',
            'ledger.budget_warnings',
            'ledger.budgets',
            'ledger.exchange_rates',
            'ledger.held_amounts',
            'ledger.holds',
            'ledger.journal_entries',
            'ledger.journal_lines',
            'ledger.journal_numbers',
            'ledger.matches',
            'ledger.period_events',
            'ledger.reversals',
            'ledger_archive.journal_entries',
            'ledger_archive.journal_lines'
        ]) AS n (name)
        CROSS JOIN LATERAL (
            SELECT to_regclass(n.name) AS relid
            UNION
            SELECT p.relid
            FROM pg_partition_tree(to_regclass(n.name)) AS p
        ) AS t
        -- finance may be elsewhere.
        WHERE t.relid IS NOT NULL
    LOOP
        PERFORM ledger.guard_against_truncate(v_table);
    END LOOP;
END;
$do$;
