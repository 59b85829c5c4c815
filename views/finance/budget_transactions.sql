-- links: ledger
-- requires: ledger.all_journal_entries, ledger.all_journal_lines
-- The posted lines that count against budgets.
CREATE OR REPLACE VIEW finance.budget_transactions WITH (security_invoker = true) AS
SELECT
    b.tenant_id,
    b.business_id,
    b.id AS budget_id,
    b.code AS budget,
    l.starts_on AS bucket_starts_on,
    p.code AS budget_account,
    j.entry_id,
    j.line_no,
    a.code AS account,
    j.entry_date AS transaction_date,
    (j.amount * t.normal_side)::numeric AS amount,
    j.department_code AS department,
    coalesce(j.description, e.description) AS description
FROM ledger.budgets AS b
CROSS JOIN
    LATERAL ledger.accounts_below(
        b.tenant_id,
        (
            SELECT array_agg(DISTINCT i.account_id)
            FROM ledger.budget_lines AS i
            WHERE
                i.tenant_id = b.tenant_id
                AND i.budget_id = b.id
                AND i.business_id = b.business_id
                AND i.revision_no = b.current_revision
        )
    ) AS d
INNER JOIN ledger.budget_lines AS l
    ON
        b.tenant_id = l.tenant_id
        AND b.id = l.budget_id
        AND b.business_id = l.business_id
        AND b.current_revision = l.revision_no
        AND d.root_id = l.account_id
INNER JOIN ledger.accounts AS p ON b.tenant_id = p.tenant_id AND l.account_id = p.id
INNER JOIN ledger.accounts AS a ON b.tenant_id = a.tenant_id AND d.account_id = a.id
INNER JOIN ledger.account_types AS t ON a.type_code = t.code
INNER JOIN ledger.all_journal_lines AS j
    ON
        b.tenant_id = j.tenant_id
        AND d.account_id = j.account_id
        AND b.business_id = j.business_id
        AND j.entry_date BETWEEN l.starts_on AND l.ends_on
        AND (b.department_code IS NULL OR b.department_code = j.department_code)
INNER JOIN ledger.all_journal_entries AS e
    ON
        j.tenant_id = e.tenant_id
        AND j.entry_id = e.id
        AND e.posted_at IS NOT NULL
        AND e.period_kind <> 'closing';
COMMENT ON VIEW finance.budget_transactions IS
'Each posted line of the journal that counts against the current revision of a budget: the line '
'of the budget (budget_account, bucket_starts_on), the line of the journal, its date, and its '
'amount in the functional currency, positive on the normal side of the account. Their sums are '
'what ledger.budget_status calls actual.';
