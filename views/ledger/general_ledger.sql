-- requires: ledger.all_journal_entries, ledger.all_journal_lines
CREATE OR REPLACE VIEW ledger.general_ledger WITH (security_invoker = true) AS
SELECT
    l.tenant_id,
    b.code::text AS business_code,
    a.code::text AS account_code,
    a.name::text AS account_name,
    l.entry_date,
    e.entry_number,
    l.entry_id,
    l.line_no,
    coalesce(l.description, e.description) AS description,
    e.reference,
    l.counterparty::text AS counterparty,
    greatest(l.amount::numeric, 0.0000) AS debit,
    greatest(-l.amount::numeric, 0.0000) AS credit,
    sum(l.amount::numeric) OVER (
        PARTITION BY l.tenant_id, b.code::text, a.code::text
        ORDER BY l.entry_date, l.entry_id, l.line_no
        ROWS UNBOUNDED PRECEDING
    ) AS balance
FROM ledger.all_journal_lines AS l
INNER JOIN ledger.all_journal_entries AS e ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
INNER JOIN identity.businesses AS b ON l.tenant_id = b.tenant_id AND l.business_id = b.id
INNER JOIN ledger.accounts AS a ON l.tenant_id = a.tenant_id AND l.account_id = a.id
WHERE e.posted_at IS NOT NULL;
COMMENT ON VIEW ledger.general_ledger IS
'Every posted line with the balance of its account in its business after it, debit positive. Name '
'the account and the business: the balance is summed from the first line on. Pages of a long '
'account come from the function of the same name.';
