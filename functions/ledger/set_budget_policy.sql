-- requires: identity.current_tenant
-- Change what a budget does to postings that exceed it.
CREATE OR REPLACE FUNCTION ledger.set_budget_policy(
    p_budget_code text,
    p_policy text,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_budget ledger.budgets;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.manage_budgets');
    v_budget := ledger.lock_budget(p_tenant_id, p_budget_code);
    UPDATE ledger.budgets AS b
    SET policy = p_policy::ledger.budget_policy
    WHERE b.tenant_id = p_tenant_id AND b.id = v_budget.id;
END;
$$;
COMMENT ON FUNCTION ledger.set_budget_policy(text, text, integer) IS
'Sets the policy of a budget: ignore, warn or stop. Waits for those who are posting to its '
'accounts. Raises ZI001 to ZI007 (token, business), ZF003 (no such budget), 22P02 (no such '
'policy), 23502 (NULL), 25001 outside READ COMMITTED.';
