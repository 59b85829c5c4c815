-- links: ledger
-- Budgets as users of the finance service know them: a row per year, or per quarter.
CREATE OR REPLACE VIEW finance.budgets WITH (security_invoker = true) AS
SELECT
    b.tenant_id,
    b.id,
    b.business_id,
    u.code AS business,
    b.code,
    b.name,
    b.department_code AS department,
    y.code AS fiscal_year,
    t.quarter,
    b.category,
    t.allocated,
    t.spent,
    t.allocated - t.spent AS remaining,
    round(100 * t.spent / nullif(t.allocated, 0), 2) AS utilisation,
    CASE
        WHEN b.status = 'closed' THEN 'closed'
        WHEN t.spent > t.allocated THEN 'exceeded'
        ELSE 'active'
    END AS status,
    b.created_at,
    b.created_by,
    b.last_modified_at AS updated_at
FROM ledger.budgets AS b
INNER JOIN identity.businesses AS u ON b.tenant_id = u.tenant_id AND b.business_id = u.id
INNER JOIN ledger.fiscal_years AS y
    ON
        b.tenant_id = y.tenant_id
        AND b.business_id = y.business_id
        AND b.fiscal_year_id = y.id
CROSS JOIN LATERAL (
    SELECT
        q.bucket_no AS quarter,
        sum(s.budgeted) AS allocated,
        sum(s.actual) AS spent
    FROM
        ledger.budget_actuals(
            b.tenant_id,
            (
                SELECT array_agg(l)
                FROM ledger.budget_lines AS l
                WHERE
                    l.tenant_id = b.tenant_id
                    AND l.budget_id = b.id
                    AND l.business_id = b.business_id
                    AND l.revision_no = b.current_revision
            )
        ) AS s
    LEFT JOIN
        ledger.budget_buckets(
            b.tenant_id, b.business_id, b.fiscal_year_id, 'quarter'
        ) AS q
        ON b.bucket_interval <> 'year' AND s.starts_on BETWEEN q.starts_on AND q.ends_on
    GROUP BY q.bucket_no
) AS t;
COMMENT ON VIEW finance.budgets IS
'The current revisions of ledger.budgets: a row per budget and quarter of its fiscal year (monthly '
'budgets summed), or one with quarter NULL for an annual budget. allocated, spent and remaining '
'are in the functional currency, positive on the normal side of the accounts; utilisation in '
'percent; status active, closed or exceeded (spent above allocated in the row). spent is derived '
'from the ledger, never stored.';
