-- A budget by its code, locked, for the functions that change it.
CREATE OR REPLACE FUNCTION ledger.lock_budget(p_tenant_id integer, p_budget_code text)
RETURNS ledger.budgets
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_budget ledger.budgets;
    v_allowed text := current_setting('pgerp.business_ids', true);
BEGIN
    SELECT b.* INTO v_budget
    FROM ledger.budgets AS b
    WHERE b.tenant_id = p_tenant_id
        AND b.code = p_budget_code
        AND (v_allowed = '*' OR v_allowed::jsonb @> to_jsonb(b.business_id))
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such budget: %', coalesce(p_budget_code, 'NULL')
        USING ERRCODE = 'ZF003',
            HINT = 'See ledger.budgets for the codes that the token covers.';
    END IF;
    PERFORM identity.resolve_business(p_tenant_id, u.code)
    FROM identity.businesses AS u
    WHERE u.tenant_id = p_tenant_id AND u.id = v_budget.business_id;
    RETURN v_budget;
END;
$$;
COMMENT ON FUNCTION ledger.lock_budget(integer, text) IS
'The budget with that code, locked until the transaction ends. Internal: for functions that have '
'entered the tenant. Raises ZF003 (no such budget, or of a business that the token does not '
'cover), ZI007 (its business is inactive).';
