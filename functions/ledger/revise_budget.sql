-- requires: identity.current_tenant
-- A new revision of a budget: the whole plan anew; the old one stays to be read.
CREATE OR REPLACE FUNCTION ledger.revise_budget(
    p_budget_code text,
    p_lines jsonb,
    p_reason text,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_budget ledger.budgets;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.manage_budgets');
    v_budget := ledger.lock_budget(p_tenant_id, p_budget_code);
    IF v_budget.status = 'closed' THEN
        RAISE EXCEPTION 'budget % is closed', p_budget_code
        USING ERRCODE = 'ZF004',
            HINT = 'Reopen it with ledger.reopen_budget first.';
    END IF;
    RETURN ledger.add_budget_revision(p_tenant_id, v_budget, p_lines, p_reason);
END;
$$;
COMMENT ON FUNCTION ledger.revise_budget(text, jsonb, text, integer) IS
'Replaces the plan of an active budget by a new revision and returns its number; p_lines as in '
'ledger.create_budget, all of them, not only what changes. It may plan less than was spent '
'already: from then on nothing more is posted (policy stop). Raises ZI001 to ZI007 (token, '
'business), ZF003 (no such budget), ZF004 (closed), ZF005 (no such part of the year, or an account '
'counted twice), ZL007, ZL012 (account), ZL011 (amount), ZL015 (shape), ZL027 (reason), 25001 '
'outside READ COMMITTED.';
