-- requires: ledger.all_journal_lines
CREATE OR REPLACE VIEW ledger.journal_entry_lines WITH (security_invoker = true) AS
SELECT
    l.tenant_id,
    l.entry_id,
    l.line_no,
    l.business_id,
    b.code::text AS business_code,
    l.entry_date,
    l.account_id,
    a.code::text AS account_code,
    a.name::text AS account_name,
    a.type_code AS account_type,
    greatest(l.amount::numeric, 0.0000) AS debit,
    greatest(-l.amount::numeric, 0.0000) AS credit,
    coalesce(l.currency_code, b.currency_code)::text AS currency_code,
    coalesce(l.currency_amount, l.amount)::numeric AS currency_amount,
    coalesce(l.exchange_rate, 1)::numeric AS exchange_rate,
    l.description,
    l.department_code::text AS department_code,
    l.counterparty::text AS counterparty,
    l.due_date
FROM ledger.all_journal_lines AS l
INNER JOIN identity.businesses AS b ON l.tenant_id = b.tenant_id AND l.business_id = b.id
INNER JOIN ledger.accounts AS a ON l.tenant_id = a.tenant_id AND l.account_id = a.id;
COMMENT ON VIEW ledger.journal_entry_lines IS
'The lines of journal entries, drafts included, with debit and credit in columns (functional '
'currency) and the names of what they refer to; currency_amount is debit positive.';
