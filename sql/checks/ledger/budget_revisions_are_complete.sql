-- Every budget has its revisions from 1 up to the current one, with lines for parts of its year
SELECT
    b.tenant_id,
    b.code AS budget_code,
    n.revision_no,
    NULL::date AS starts_on,
    'no such revision, or no lines' AS problem
FROM ledger.budgets AS b
CROSS JOIN LATERAL generate_series(1, b.current_revision) AS n (revision_no)
WHERE
    NOT EXISTS (
        SELECT FROM ledger.budget_lines AS l
        WHERE
            l.tenant_id = b.tenant_id
            AND l.budget_id = b.id
            AND l.business_id = b.business_id
            AND l.revision_no = n.revision_no
    )
UNION ALL
SELECT
    b.tenant_id,
    b.code AS budget_code,
    l.revision_no,
    l.starts_on,
    'not within its fiscal year' AS problem
FROM ledger.budgets AS b
INNER JOIN ledger.budget_lines AS l ON b.tenant_id = l.tenant_id AND b.id = l.budget_id
INNER JOIN ledger.fiscal_years AS y
    ON
        b.tenant_id = y.tenant_id
        AND b.business_id = y.business_id
        AND b.fiscal_year_id = y.id
WHERE l.starts_on < y.starts_on OR l.ends_on > y.ends_on
UNION ALL
SELECT
    a.tenant_id,
    b.code AS budget_code,
    a.revision_no,
    a.starts_on,
    'overlaps another line of its account' AS problem
FROM ledger.budget_lines AS a
INNER JOIN ledger.budget_lines AS o
    ON
        a.tenant_id = o.tenant_id
        AND a.budget_id = o.budget_id
        AND a.business_id = o.business_id
        AND a.revision_no = o.revision_no
        AND a.account_id = o.account_id
        AND a.starts_on < o.starts_on
        AND a.ends_on >= o.starts_on
INNER JOIN ledger.budgets AS b ON a.tenant_id = b.tenant_id AND a.budget_id = b.id;
