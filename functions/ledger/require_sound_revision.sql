-- What a revision must be before it comes into force.
CREATE OR REPLACE FUNCTION ledger.require_sound_revision(
    p_budget ledger.budgets,
    p_revision_no integer
)
RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_account_ids uuid[];
    v_bad text;
BEGIN
    SELECT array_agg(DISTINCT l.account_id) INTO v_account_ids
    FROM ledger.budget_lines AS l
    WHERE l.tenant_id = p_budget.tenant_id
        AND l.budget_id = p_budget.id
        AND l.business_id = p_budget.business_id
        AND l.revision_no = p_revision_no;
    IF v_account_ids IS NULL THEN
        RAISE EXCEPTION 'revision % of budget % has no lines', p_revision_no, p_budget.code
        USING ERRCODE = 'ZF005',
            HINT = 'Plan at least one account.';
    END IF;
    SELECT a.code INTO v_bad
    FROM ledger.accounts AS a
    WHERE a.tenant_id = p_budget.tenant_id
        AND a.id = ANY (v_account_ids)
        AND a.business_id <> p_budget.business_id
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'account % belongs to another business', v_bad
        USING ERRCODE = 'ZL012',
            HINT = 'Choose a shared account, or one of the business of the budget.';
    END IF;
    SELECT format('%s to %s', l.starts_on, l.ends_on) INTO v_bad
    FROM ledger.budget_lines AS l
    WHERE l.tenant_id = p_budget.tenant_id
        AND l.budget_id = p_budget.id
        AND l.business_id = p_budget.business_id
        AND l.revision_no = p_revision_no
        AND (l.starts_on, l.ends_on) NOT IN (
            SELECT
                b.starts_on,
                b.ends_on
            FROM ledger.budget_buckets(
                p_budget.tenant_id, p_budget.business_id, p_budget.fiscal_year_id,
                p_budget.bucket_interval
            ) AS b
        )
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the fiscal year of budget % has no % from %',
            p_budget.code, p_budget.bucket_interval, v_bad
        USING ERRCODE = 'ZF005',
            HINT = 'Lines have the dates that ledger.budget_buckets gives.';
    END IF;
    SELECT a.code INTO v_bad
    FROM ledger.accounts_below(p_budget.tenant_id, v_account_ids) AS d
    INNER JOIN ledger.accounts AS a
        ON a.tenant_id = p_budget.tenant_id AND a.id = d.account_id
    WHERE d.account_id <> d.root_id AND d.account_id = ANY (v_account_ids)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'account % would count twice in budget %', v_bad, p_budget.code
        USING ERRCODE = 'ZF005',
            DETAIL = 'An account above it is planned too, which stands for all below it.',
            HINT = 'Plan either the account above or those below.';
    END IF;
END;
$$;
COMMENT ON FUNCTION ledger.require_sound_revision(ledger.budgets, integer) IS
'Raises ZF005 unless the revision has lines, each for a part of the budget''s fiscal year and none '
'for an account that counts in another line already; ZL012 for an account of another business. '
'Internal.';
