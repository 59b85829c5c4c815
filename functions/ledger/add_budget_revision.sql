-- Write a revision of a budget and put it in force.
CREATE OR REPLACE FUNCTION ledger.add_budget_revision(
    p_tenant_id integer,
    p_budget ledger.budgets,
    p_lines jsonb,
    p_reason text
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_revision_no integer := p_budget.current_revision + 1;
BEGIN
    PERFORM ledger.require_reason(p_reason);
    INSERT INTO ledger.budget_revisions (tenant_id, budget_id, business_id, revision_no, reason)
    VALUES (p_tenant_id, p_budget.id, p_budget.business_id, v_revision_no, p_reason);
    INSERT INTO ledger.budget_lines (
        tenant_id, budget_id, business_id, revision_no, account_id, starts_on, ends_on, amount
    )
    SELECT
        l.tenant_id,
        l.budget_id,
        l.business_id,
        l.revision_no,
        l.account_id,
        l.starts_on,
        l.ends_on,
        l.amount
    FROM unnest(ledger.parse_budget_lines(p_tenant_id, p_budget, v_revision_no, p_lines)) AS l;
    UPDATE ledger.budgets AS b
    SET current_revision = v_revision_no
    WHERE b.tenant_id = p_tenant_id AND b.id = p_budget.id;
    RETURN v_revision_no;
END;
$$;
COMMENT ON FUNCTION ledger.add_budget_revision(integer, ledger.budgets, jsonb, text) IS
'Writes the next revision of a budget that the caller holds locked, puts it in force and returns '
'its number. Internal: for functions that have entered the tenant. Raises ZL027 (reason) and what '
'ledger.parse_budget_lines and the triggers of ledger.budgets raise.';
