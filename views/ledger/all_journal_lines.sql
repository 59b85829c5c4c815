-- The lines of entries, live and archived.
CREATE OR REPLACE VIEW ledger.all_journal_lines
WITH (security_invoker = true) AS
SELECT
    l.tenant_id,
    l.entry_id,
    l.line_no,
    l.account_id,
    l.business_id,
    l.entry_date,
    l.amount,
    l.currency_code,
    l.currency_amount,
    l.exchange_rate,
    l.description,
    l.department_code,
    l.counterparty,
    l.due_date
FROM ledger.journal_lines AS l
UNION ALL
SELECT
    l.tenant_id,
    l.entry_id,
    l.line_no,
    l.account_id,
    l.business_id,
    l.entry_date,
    l.amount,
    l.currency_code,
    l.currency_amount,
    l.exchange_rate,
    l.description,
    l.department_code,
    l.counterparty,
    l.due_date
FROM ledger_archive.journal_lines AS l;
COMMENT ON VIEW ledger.all_journal_lines IS
'The lines of entries: those of ledger.journal_lines and those of '
'ledger_archive.journal_lines. Whatever must not change when a year is archived reads this.';
