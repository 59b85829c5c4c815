-- Whether postings to an account are to be judged by a budget.
CREATE OR REPLACE FUNCTION ledger.is_budgeted(p_account ledger.accounts)
RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- By its parent: the row itself may be about to be written.
    RETURN EXISTS (
        SELECT
        FROM ledger.budget_lines AS l
        INNER JOIN ledger.budgets AS b ON b.tenant_id = l.tenant_id AND b.id = l.budget_id
        WHERE l.tenant_id = p_account.tenant_id
            AND l.account_id = ANY (
                p_account.id || ledger.accounts_above(p_account.tenant_id, p_account.parent_id)
            )
            AND l.revision_no = b.current_revision
            AND b.status = 'active'
            AND b.policy <> 'ignore'
    );
END;
$$;
COMMENT ON FUNCTION ledger.is_budgeted(ledger.accounts) IS
'Whether an active budget with the policy warn or stop plans, in its current revision, the '
'account or one above it. Internal.';
