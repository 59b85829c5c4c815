-- Lock all that a batch locks, for one that is then written piece by piece.
CREATE OR REPLACE FUNCTION ledger.lock_batch(
    p_tenant_id integer,
    p_entries ledger.parsed_entry[],
    p_lines ledger.parsed_line[]
)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
-- A plan for arrays of unknown length would join them row by row.
SET plan_cache_mode = 'force_custom_plan'
AS $$
BEGIN
    PERFORM ledger.keep_periods(p_tenant_id, ARRAY(
        SELECT DISTINCT e.period_id FROM unnest(p_entries) AS e
    ));
    PERFORM ledger.keep_accounts(p_tenant_id, ARRAY(
        SELECT DISTINCT l.account_id FROM unnest(p_lines) AS l
    ));
    -- From here on, accounts say whether they have a head.
    PERFORM ledger.lock_heads(p_tenant_id, ARRAY(
        SELECT DISTINCT ROW(a.id, l.business_id, 0, 0, 0, 0)::ledger.head_change
        FROM ledger.accounts AS a
        INNER JOIN unnest(p_lines) AS l ON l.account_id = a.id
        WHERE a.tenant_id = p_tenant_id
            AND (num_nonnulls(a.minimum_balance, a.credit_limit) > 0 OR a.keeps_version)
    ));
    INSERT INTO ledger.account_balances AS b (
        tenant_id, account_id, business_id, period_id, currency_code, stripe,
        debit, credit, currency_amount
    )
    SELECT DISTINCT
        p_tenant_id,
        l.account_id,
        l.business_id,
        e.period_id,
        coalesce(l.currency_code, e.functional_currency_code),
        pg_backend_pid() % a.balance_stripes,
        0,
        0,
        0
    FROM unnest(p_entries) AS e
    INNER JOIN unnest(p_lines) AS l ON l.ordinal = e.ordinal
    INNER JOIN ledger.accounts AS a ON a.tenant_id = p_tenant_id AND a.id = l.account_id
    WHERE e.status = 'POSTED'
    ORDER BY 2, 3, 4, 5, 6
    ON CONFLICT (tenant_id, account_id, business_id, period_id, currency_code, stripe)
    DO UPDATE SET debit = b.debit WHERE false;
    INSERT INTO ledger.budget_heads AS h (
        tenant_id, budget_id, business_id, account_id, starts_on, postings
    )
    SELECT DISTINCT
        p_tenant_id,
        b.id,
        b.business_id,
        s.account_id,
        s.starts_on,
        1
    FROM unnest(p_entries) AS e
    INNER JOIN unnest(p_lines) AS l ON l.ordinal = e.ordinal
    INNER JOIN ledger.accounts AS a
        ON a.tenant_id = p_tenant_id AND a.id = l.account_id AND a.is_watched
    CROSS JOIN LATERAL unnest(
        ledger.accounts_above(p_tenant_id, l.account_id)
    ) AS u (account_id)
    INNER JOIN ledger.budget_lines AS s
        ON s.tenant_id = p_tenant_id
        AND s.account_id = u.account_id
        AND e.entry_date BETWEEN s.starts_on AND s.ends_on
    INNER JOIN ledger.budgets AS b
        ON b.tenant_id = p_tenant_id
        AND b.id = s.budget_id
        AND b.current_revision = s.revision_no
        AND b.business_id = e.business_id
    WHERE e.status = 'POSTED' AND b.status = 'active' AND b.policy <> 'ignore'
    ORDER BY 2, 3, 4, 5
    ON CONFLICT (tenant_id, budget_id, business_id, account_id, starts_on)
    DO UPDATE SET postings = h.postings WHERE false;
END;
$$;
COMMENT ON FUNCTION ledger.lock_batch(integer, ledger.parsed_entry[], ledger.parsed_line[]) IS
'Locks the periods, accounts, heads, balances and heads of budgets that the given entries and '
'lines concern, in the order that every posting follows, and makes the rows that are missing: '
'balances that stay empty are the caller''s to delete. Internal: for functions that have entered '
'the tenant.';
