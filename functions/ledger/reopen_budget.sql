-- requires: identity.current_tenant
-- Reopen a closed budget: its policy holds again.
CREATE OR REPLACE FUNCTION ledger.reopen_budget(
    p_budget_code text,
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
    IF v_budget.status <> 'closed' THEN
        RAISE EXCEPTION 'budget % is not closed', p_budget_code
        USING ERRCODE = 'ZF004',
            HINT = 'Nothing needs to be done.';
    END IF;
    UPDATE ledger.budgets AS b
    SET status = 'active'
    WHERE b.tenant_id = p_tenant_id AND b.id = v_budget.id;
END;
$$;
COMMENT ON FUNCTION ledger.reopen_budget(text, integer) IS
'Makes a closed budget active again; what was posted meanwhile counts. Raises ZI001 to ZI007 '
'(token, business), ZF003 (no such budget), ZF004 (not closed), 25001 outside READ COMMITTED.';
