-- What was really earned or spent, for lines of budgets: the one place that derives it.
CREATE OR REPLACE FUNCTION ledger.budget_actuals(
    p_tenant_id integer,
    p_lines ledger.budget_lines[],
    p_as_of date DEFAULT NULL
)
RETURNS TABLE (
    budget_id uuid,
    account_id uuid,
    starts_on date,
    ends_on date,
    budgeted numeric,
    actual numeric
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH wanted AS MATERIALIZED (
        SELECT
            l.budget_id,
            l.account_id,
            l.starts_on,
            l.ends_on,
            l.amount,
            least(l.ends_on, p_as_of) AS last_day,
            b.business_id,
            b.department_code,
            t.normal_side
        FROM unnest(p_lines) AS l
        INNER JOIN ledger.budgets AS b ON b.tenant_id = p_tenant_id AND b.id = l.budget_id
        INNER JOIN ledger.accounts AS a ON a.tenant_id = p_tenant_id AND a.id = l.account_id
        INNER JOIN ledger.account_types AS t ON t.code = a.type_code
    ),

    tree AS MATERIALIZED (
        SELECT
            d.root_id,
            d.account_id
        FROM ledger.accounts_below(
            p_tenant_id, ARRAY(SELECT DISTINCT w.account_id FROM wanted AS w)
        ) AS d
    ),

    -- Spans of days that all lines of one business and part of the year share are asked for once;
    -- of a single account, alone.
    spans AS MATERIALIZED (
        SELECT
            w.business_id,
            w.starts_on,
            w.last_day,
            CASE WHEN count(DISTINCT d.account_id) = 1 THEN (array_agg(d.account_id))[1] END
            AS only_account_id
        FROM wanted AS w
        INNER JOIN tree AS d ON d.root_id = w.account_id
        WHERE w.department_code IS NULL AND w.last_day >= w.starts_on
        GROUP BY w.business_id, w.starts_on, w.last_day
    ),

    movements AS MATERIALIZED (
        SELECT
            s.business_id,
            s.starts_on,
            s.last_day,
            m.account_id,
            m.debit - m.credit AS balance
        FROM spans AS s
        CROSS JOIN LATERAL ledger.account_movements(
            p_tenant_id, s.business_id, s.starts_on, s.last_day, s.only_account_id, false
        ) AS m
    )

    SELECT
        w.budget_id,
        w.account_id,
        w.starts_on,
        w.ends_on,
        w.amount::numeric,
        w.normal_side * coalesce(
            CASE
                WHEN w.department_code IS NULL THEN (
                    SELECT sum(m.balance)
                    FROM tree AS d
                    INNER JOIN movements AS m
                        ON m.account_id = d.account_id
                        AND m.business_id = w.business_id
                        AND m.starts_on = w.starts_on
                        AND m.last_day = w.last_day
                    WHERE d.root_id = w.account_id
                )
                ELSE (
                    SELECT sum(j.amount)
                    FROM tree AS d
                    INNER JOIN ledger.all_journal_lines AS j
                        ON j.tenant_id = p_tenant_id
                        AND j.account_id = d.account_id
                        AND j.business_id = w.business_id
                        AND j.entry_date BETWEEN w.starts_on AND w.last_day
                        AND j.department_code = w.department_code
                    INNER JOIN ledger.all_journal_entries AS e
                        ON e.tenant_id = j.tenant_id
                        AND e.id = j.entry_id
                        AND e.posted_at IS NOT NULL
                        AND e.period_kind <> 'closing'
                    WHERE d.root_id = w.account_id
                )
            END,
            0
        )
    FROM wanted AS w;
END;
$$;
COMMENT ON FUNCTION ledger.budget_actuals(integer, ledger.budget_lines[], date) IS
'For each of the given lines what was posted to its account and all below it, in its part of the '
'year, by effective date up to p_as_of (NULL: all), positive on the normal side of the account; '
'closing entries do not count, and of a budget with a department only lines of that department '
'do. Without a department it comes from ledger.account_movements.';
