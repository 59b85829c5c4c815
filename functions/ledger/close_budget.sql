-- requires: identity.current_tenant
-- Close a budget: its policy ends, its figures stay.
CREATE OR REPLACE FUNCTION ledger.close_budget(
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
    IF v_budget.status = 'closed' THEN
        RAISE EXCEPTION 'budget % is already closed', p_budget_code
        USING ERRCODE = 'ZF004',
            DETAIL = format(
                'Last changed by %s at %s.', v_budget.last_modified_by, v_budget.last_modified_at
            ),
            HINT = 'Nothing needs to be done.';
    END IF;
    UPDATE ledger.budgets AS b
    SET status = 'closed'
    WHERE b.tenant_id = p_tenant_id AND b.id = v_budget.id;
END;
$$;
COMMENT ON FUNCTION ledger.close_budget(text, integer) IS
'Closes a budget: postings are no longer judged by it, and it takes no revisions. Raises ZI001 to '
'ZI007 (token, business), ZF003 (no such budget), ZF004 (closed already).';
