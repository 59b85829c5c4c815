-- Postings to every account that a budget warns or stops for are judged
WITH RECURSIVE budgeted AS (
    SELECT
        l.tenant_id,
        l.account_id
    FROM ledger.budget_lines AS l
    INNER JOIN ledger.budgets AS b
        ON
            l.tenant_id = b.tenant_id
            AND l.budget_id = b.id
            AND l.revision_no = b.current_revision
    WHERE b.status = 'active' AND b.policy <> 'ignore'
    UNION
    SELECT
        a.tenant_id,
        a.id
    FROM budgeted AS u
    INNER JOIN ledger.accounts AS a ON u.tenant_id = a.tenant_id AND u.account_id = a.parent_id
)

SELECT
    a.tenant_id,
    a.code AS account_code
FROM budgeted AS u
INNER JOIN ledger.accounts AS a ON u.tenant_id = a.tenant_id AND u.account_id = a.id
WHERE NOT a.is_watched;
