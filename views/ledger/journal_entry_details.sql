-- requires: ledger.all_journal_entries, ledger.journal_entry_lines
CREATE OR REPLACE VIEW ledger.journal_entry_details WITH (security_invoker = true) AS
SELECT
    e.tenant_id,
    e.id AS entry_id,
    e.entry_number,
    n.journal_number,
    l.business_code,
    e.entry_date,
    p.code::text AS period_code,
    e.period_kind::text AS period_kind,
    CASE
        WHEN r.reversal_id IS NOT NULL THEN 'reversed'
        ELSE lower(e.status::text)
    END AS status,
    e.description AS entry_description,
    e.reference,
    e.source_module,
    e.source_id,
    e.posted_at,
    r.reversal_id AS reversed_by,
    o.entry_id AS reversal_of,
    e.void_reason,
    l.line_no,
    l.account_code,
    l.account_name,
    l.account_type,
    l.debit,
    l.credit,
    l.currency_code,
    l.currency_amount,
    l.exchange_rate,
    l.description AS line_description,
    l.department_code,
    l.counterparty,
    l.due_date,
    e.created_at,
    e.created_by,
    e.last_modified_at AS updated_at
FROM ledger.all_journal_entries AS e
INNER JOIN ledger.journal_entry_lines AS l ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
INNER JOIN ledger.fiscal_periods AS p
    ON e.tenant_id = p.tenant_id AND e.business_id = p.business_id AND e.period_id = p.id
LEFT JOIN ledger.journal_numbers AS n ON e.tenant_id = n.tenant_id AND e.id = n.entry_id
LEFT JOIN ledger.reversals AS r ON e.tenant_id = r.tenant_id AND e.id = r.entry_id
LEFT JOIN ledger.reversals AS o ON e.tenant_id = o.tenant_id AND e.id = o.reversal_id;
COMMENT ON VIEW ledger.journal_entry_details IS
'Journal entries with their lines, a row for each line. journal_number: the gap-free one of its '
'business and year, NULL until it is assigned. status: draft, posted, reversed (posted and '
'cancelled out by the entry reversed_by) or voided (a draft that was abandoned).';
