-- Judge posted entries by the budgets of their accounts: refuse, or record a warning.
CREATE OR REPLACE FUNCTION ledger.check_budgets(
    p_tenant_id integer,
    p_entry_ids uuid[],
    p_line_no integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_effects ledger.budget_effect[] := ledger.budget_effects(
        p_tenant_id, p_entry_ids, p_line_no
    );
    v_lines ledger.budget_lines[];
    v_line record;
BEGIN
    -- What lowers the actual amount is never held up.
    SELECT array_agg(
        l ORDER BY l.budget_id, l.account_id, l.starts_on
    )
    INTO v_lines
    FROM (
        SELECT
            f.budget_id,
            f.revision_no,
            f.account_id,
            f.starts_on
        FROM unnest(v_effects) AS f
        GROUP BY f.budget_id, f.revision_no, f.account_id, f.starts_on
        HAVING sum(f.added) > 0
    ) AS r
    INNER JOIN ledger.budgets AS b ON b.tenant_id = p_tenant_id AND b.id = r.budget_id
    INNER JOIN ledger.budget_lines AS l
        ON l.tenant_id = p_tenant_id
        AND l.budget_id = r.budget_id
        AND l.business_id = b.business_id
        AND l.revision_no = r.revision_no
        AND l.account_id = r.account_id
        AND l.starts_on = r.starts_on;
    IF v_lines IS NULL THEN
        RETURN;
    END IF;
    -- One after the other, in the order of the key; what is read next includes all before.
    INSERT INTO ledger.budget_heads AS h (
        tenant_id, budget_id, business_id, account_id, starts_on, postings
    )
    SELECT
        l.tenant_id,
        l.budget_id,
        l.business_id,
        l.account_id,
        l.starts_on,
        1
    FROM unnest(v_lines) AS l
    ON CONFLICT (tenant_id, budget_id, business_id, account_id, starts_on)
    DO UPDATE SET postings = h.postings + 1;
    FOR v_line IN
        SELECT
            b.id AS budget_id,
            b.business_id,
            b.code,
            b.policy,
            b.current_revision,
            b.department_code,
            a.code AS account_code,
            s.account_id,
            s.starts_on,
            s.ends_on,
            s.budgeted,
            s.actual
        FROM ledger.budget_actuals(p_tenant_id, v_lines) AS s
        INNER JOIN ledger.budgets AS b ON b.tenant_id = p_tenant_id AND b.id = s.budget_id
        INNER JOIN ledger.accounts AS a ON a.tenant_id = p_tenant_id AND a.id = s.account_id
        WHERE s.actual > s.budgeted
        ORDER BY b.policy DESC, b.code, a.code, s.starts_on
    LOOP
        IF v_line.policy = 'stop' THEN
            RAISE EXCEPTION 'budget % would be exceeded by %',
                v_line.code, v_line.actual - v_line.budgeted
            USING ERRCODE = 'ZF001',
                DETAIL = format(
                    'Account %s%s, %s to %s: budgeted %s, actual with this posting %s.',
                    v_line.account_code, ', department ' || v_line.department_code,
                    v_line.starts_on, v_line.ends_on, v_line.budgeted, v_line.actual
                ),
                HINT = 'Post less, or have the budget revised with ledger.revise_budget.';
        END IF;
        INSERT INTO ledger.budget_warnings (
            tenant_id, business_id, budget_id, revision_no, account_id, starts_on, entry_id,
            added, budgeted, actual
        )
        SELECT
            p_tenant_id,
            v_line.business_id,
            v_line.budget_id,
            v_line.current_revision,
            v_line.account_id,
            v_line.starts_on,
            f.entry_id,
            f.added,
            v_line.budgeted,
            v_line.actual
        FROM unnest(v_effects) AS f
        WHERE f.budget_id = v_line.budget_id
            AND f.account_id = v_line.account_id
            AND f.starts_on = v_line.starts_on
            AND f.added > 0
        ORDER BY f.entry_id;
        RAISE WARNING 'budget % is exceeded by %', v_line.code, v_line.actual - v_line.budgeted
        USING ERRCODE = 'ZF002',
            DETAIL = format(
                'Account %s%s, %s to %s: budgeted %s, actual with this posting %s.',
                v_line.account_code, ', department ' || v_line.department_code,
                v_line.starts_on, v_line.ends_on, v_line.budgeted, v_line.actual
            ),
            HINT = 'It was posted; see ledger.budget_warnings.';
    END LOOP;
END;
$$;
COMMENT ON FUNCTION ledger.check_budgets(integer, uuid[], integer) IS
'Judges what the given posted entries, or the line of the given number, add to the lines of active '
'budgets: policy stop raises ZF001, policy warn records it in ledger.budget_warnings and gives a '
'WARNING with ZF002. What lowers an actual amount passes. Postings to one line of a budget are '
'judged one after the other. Internal: called by ledger.check_watched in the transaction that '
'posts.';
