-- requires: identity.current_tenant
-- A budget with its first revision.
CREATE OR REPLACE FUNCTION ledger.create_budget(
    p_business_code text,
    p_code text,
    p_name text,
    p_fiscal_year_code text,
    p_lines jsonb,
    p_interval text DEFAULT 'month',
    p_policy text DEFAULT 'ignore',
    p_department_code text DEFAULT NULL,
    p_category text DEFAULT NULL,
    p_reason text DEFAULT 'First version',
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_year_id uuid;
    v_budget ledger.budgets;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.manage_budgets');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    SELECT y.id INTO v_year_id
    FROM ledger.fiscal_years AS y
    WHERE y.tenant_id = p_tenant_id
        AND y.business_id = v_business.id
        AND y.code = p_fiscal_year_code;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such fiscal year: %', coalesce(p_fiscal_year_code, 'NULL')
        USING ERRCODE = 'ZF007',
            HINT = 'See ledger.fiscal_years for the codes; ledger.create_fiscal_year makes one.';
    END IF;
    INSERT INTO ledger.budgets (
        tenant_id, business_id, fiscal_year_id, code, name, department_code, category,
        bucket_interval, policy
    )
    VALUES (
        p_tenant_id, v_business.id, v_year_id, p_code, p_name, p_department_code, p_category,
        p_interval::ledger.budget_interval, p_policy::ledger.budget_policy
    )
    RETURNING * INTO v_budget;
    PERFORM ledger.add_budget_revision(p_tenant_id, v_budget, p_lines, p_reason);
    RETURN v_budget.id;
END;
$$;
COMMENT ON FUNCTION ledger.create_budget(
    text, text, text, text, jsonb, text, text, text, text, text, integer
) IS
'Makes a budget of a business for a fiscal year, active, with revision 1, and returns its id. '
'p_lines: [{"account": "5100", "amount": "1200.00"}, …] spreads the amount over the whole year '
'(residue to the last part); with "bucket": 3 it is that of the third month, quarter or year. An '
'account stands for all below it; amounts are zero or more, functional currency, on the normal '
'side of the account. p_interval: month, quarter or year; p_policy: ignore, warn or stop; '
'p_department_code: only its lines count. Raises ZI001 to ZI007 (token, business), ZF005 (no such '
'part of the year, or an account counted twice), ZF007 (no such fiscal year), ZL007, ZL012 '
'(account), ZL011 (amount), ZL015 (shape of the lines), ZL027 (reason), 22P02 (interval, policy), '
'23505 (code taken), 23514 (malformed), 25001 outside READ COMMITTED.';
