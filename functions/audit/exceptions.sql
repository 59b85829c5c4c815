-- The tables that are not logged, or not wholly, and why. Every other table is.
CREATE OR REPLACE FUNCTION audit.exceptions()
RETURNS TABLE (table_name text, logs text, reason text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    VALUES
    ('audit.log', 'nothing', 'is the log'),
    ('audit.sealed_changes', 'nothing', 'under seals; audit.redactions and audit.removals tell'),
    ('ledger.account_balances', 'nothing', 'derived from the lines, and proved against them'),
    ('ledger.account_heads', 'nothing', 'derived from the lines, and proved against them'),
    ('ledger.budget_heads', 'nothing', 'holds nothing: what postings to a budget wait on'),
    ('events.pending', 'nothing', 'short-lived; what came of it is in events.processed_events'),
    ('finance.cached_accounts', 'nothing', 'what the ledger said last; its events are the record'),
    ('finance.cached_movements', 'nothing', 'summed from events of the ledger, the record'),
    ('finance.cached_periods', 'nothing', 'what events of the ledger said'),
    ('payroll.employee_cache', 'nothing', 'what hr said last; its events are the record'),
    ('payroll.salary_cache', 'nothing', 'what hr said last; its events are the record'),
    ('payroll.summary_dues', 'nothing', 'short-lived: what is to be refreshed'),
    ('payroll.summary_refreshes', 'nothing', 'says when something was refreshed'),
    ('events.stream_heads', 'nothing', 'the last version of a stream is in its events'),
    ('lending.loan_balances', 'nothing', 'derived from transactions, and proved against them'),
    ('party.customer_terms', 'nothing', 'derived from party.customers, and proved against them'),
    ('core.document_counters', 'nothing', 'the last number of a series is in what it numbers'),
    ('ledger_archive.journal_entries', 'nothing', 'refuses every change; whole years come and go'),
    ('ledger_archive.journal_lines', 'nothing', 'refuses every change; whole years come and go'),
    -- Here a new row is its own record: it stays as it is, or its change or deletion is logged.
    ('ledger.journal_entries', 'changes', 'has its stamps; posted ones never change'),
    ('ledger.journal_lines', 'changes', 'live and die with their entry; posted ones never change'),
    ('ledger.idempotency_keys', 'changes', 'says itself when it was made'),
    ('ledger.journal_numbers', 'changes', 'append-only'),
    ('ledger.period_events', 'changes', 'append-only: the history of periods'),
    ('events.event_store', 'changes', 'append-only, and the record itself'),
    ('events.processed_events', 'changes', 'append-only, and the record itself'),
    ('ledger.reversals', 'changes', 'append-only'),
    ('ledger.exchange_rates', 'changes', 'append-only: a correction is a further row'),
    ('ledger.budget_warnings', 'changes', 'append-only'),
    ('audit.seals', 'changes', 'append-only, and a chain of hashes'),
    ('ledger.seals', 'changes', 'append-only, and a chain of hashes'),
    ('ledger.sealed_entries', 'changes', 'append-only, and under a seal'),
    ('finance.financial_reports', 'changes', 'append-only'),
    ('party.consents', 'changes', 'append-only: a further decision is a further row'),
    ('party.privacy_acts', 'changes', 'append-only'),
    (
        'messaging.messages', 'changes',
        'has its stamps; what it says never changes, and what becomes of it is logged'
    ),
    ('lending.transactions', 'changes', 'append-only, and the record itself'),
    ('lending.reversals', 'changes', 'append-only'),
    ('lending.movements', 'changes', 'append-only: the subsidiary ledger'),
    ('lending.schedules', 'changes', 'has its stamps; whether it is live is logged'),
    ('lending.instalments', 'changes', 'append-only: live and stay with their schedule'),
    ('lending.status_changes', 'changes', 'append-only: the history of loans'),
    ('lending.idempotency_keys', 'changes', 'append-only; says itself when it was made'),
    ('hr.employee_history', 'changes', 'append-only: the history of employees')
$$;
COMMENT ON FUNCTION audit.exceptions() IS
'The tables of which not every change is logged: nothing, or only changes (UPDATE and DELETE, not '
'INSERT), each with the reason. Whoever changes the list applies sql/triggers/audit again.';
