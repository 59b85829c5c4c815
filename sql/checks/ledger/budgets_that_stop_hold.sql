-- No budget that stops is exceeded by what was posted since it came into force
WITH stopping AS (
    SELECT
        b.tenant_id,
        b.id,
        b.business_id,
        b.code,
        b.department_code,
        b.in_force_since,
        (
            SELECT array_agg(l)
            FROM ledger.budget_lines AS l
            WHERE
                l.tenant_id = b.tenant_id
                AND l.budget_id = b.id
                AND l.revision_no = b.current_revision
        ) AS lines
    FROM ledger.budgets AS b
    WHERE b.status = 'active' AND b.policy = 'stop'
),

exceeded AS (
    SELECT
        b.tenant_id,
        b.business_id,
        b.code,
        b.department_code,
        b.in_force_since,
        s.account_id,
        s.starts_on,
        s.ends_on,
        s.budgeted,
        s.actual
    FROM stopping AS b
    CROSS JOIN LATERAL ledger.budget_actuals(b.tenant_id, b.lines) AS s
    WHERE s.actual > s.budgeted
),

before AS (
    SELECT
        x.*,
        (
            SELECT coalesce(sum(j.amount * t.normal_side), 0)
            FROM ledger.accounts_below(x.tenant_id, ARRAY[x.account_id]) AS d
            INNER JOIN ledger.accounts AS a
                ON x.tenant_id = a.tenant_id AND d.account_id = a.id
            INNER JOIN ledger.account_types AS t ON a.type_code = t.code
            INNER JOIN ledger.all_journal_lines AS j
                ON
                    a.tenant_id = j.tenant_id
                    AND a.id = j.account_id
                    AND j.business_id = x.business_id
                    AND j.entry_date BETWEEN x.starts_on AND x.ends_on
                    AND (x.department_code IS NULL OR j.department_code = x.department_code)
            INNER JOIN ledger.all_journal_entries AS e
                ON
                    j.tenant_id = e.tenant_id
                    AND j.entry_id = e.id
                    AND e.period_kind <> 'closing'
            WHERE e.posted_at <= x.in_force_since
        ) AS actual_before
    FROM exceeded AS x
)

SELECT
    b.tenant_id,
    b.code AS budget_code,
    a.code AS account_code,
    b.starts_on,
    b.budgeted,
    b.actual_before,
    b.actual
FROM before AS b
INNER JOIN ledger.accounts AS a ON b.tenant_id = a.tenant_id AND b.account_id = a.id
WHERE b.actual > b.actual_before;
