-- Planned against actual, line by line.
CREATE OR REPLACE FUNCTION ledger.budget_status(
    p_business_code text,
    p_budget_code text DEFAULT NULL,
    p_as_of date DEFAULT NULL
)
RETURNS TABLE (
    budget_code text,
    budget_name text,
    department_code text,
    category text,
    fiscal_year_code text,
    revision_no integer,
    policy text,
    account_code text,
    account_name text,
    starts_on date,
    ends_on date,
    budgeted numeric,
    actual numeric,
    remaining numeric,
    utilisation numeric,
    status text
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_tenant_id integer := identity.current_tenant();
    v_business_id integer;
    v_lines ledger.budget_lines[];
BEGIN
    SELECT u.id INTO v_business_id
    FROM identity.businesses AS u
    WHERE u.tenant_id = v_tenant_id AND u.code = p_business_code;
    IF v_tenant_id IS NOT NULL AND p_business_code IS NOT NULL AND v_business_id IS NULL THEN
        RAISE EXCEPTION 'no such business: %', p_business_code
        USING ERRCODE = 'ZI005',
            HINT = 'See identity.businesses for the codes that the token covers.';
    END IF;
    IF v_tenant_id IS NOT NULL AND p_budget_code IS NOT NULL AND NOT EXISTS (
        SELECT
        FROM ledger.budgets AS b
        WHERE b.tenant_id = v_tenant_id
            AND b.code = p_budget_code
            AND (p_business_code IS NULL OR b.business_id = v_business_id)
    ) THEN
        RAISE EXCEPTION 'no such budget: %', p_budget_code
        USING ERRCODE = 'ZF003',
            HINT = 'See ledger.budgets for the codes.';
    END IF;
    v_lines := ARRAY(
        SELECT l
        FROM ledger.budgets AS b
        INNER JOIN ledger.budget_lines AS l
            ON l.tenant_id = b.tenant_id
            AND l.budget_id = b.id
            AND l.business_id = b.business_id
            AND l.revision_no = b.current_revision
        WHERE b.tenant_id = v_tenant_id
            AND (p_business_code IS NULL OR b.business_id = v_business_id)
            AND (p_budget_code IS NULL OR b.code = p_budget_code)
    );
    RETURN QUERY
    SELECT
        b.code::text,
        b.name::text,
        b.department_code::text,
        b.category::text,
        y.code::text,
        b.current_revision,
        b.policy::text,
        a.code::text,
        a.name::text,
        s.starts_on,
        s.ends_on,
        s.budgeted,
        s.actual,
        s.budgeted - s.actual,
        round(100 * s.actual / nullif(s.budgeted, 0), 2),
        CASE
            WHEN b.status = 'closed' THEN 'closed'
            WHEN s.actual > s.budgeted THEN 'exceeded'
            ELSE 'active'
        END
    FROM ledger.budget_actuals(v_tenant_id, v_lines, p_as_of) AS s
    INNER JOIN ledger.budgets AS b ON b.tenant_id = v_tenant_id AND b.id = s.budget_id
    INNER JOIN ledger.fiscal_years AS y
        ON y.tenant_id = b.tenant_id
        AND y.business_id = b.business_id
        AND y.id = b.fiscal_year_id
    INNER JOIN ledger.accounts AS a ON a.tenant_id = v_tenant_id AND a.id = s.account_id
    ORDER BY b.code COLLATE "C", a.code COLLATE "C", s.starts_on;
END;
$$;
COMMENT ON FUNCTION ledger.budget_status(text, text, date) IS
'Each line of the current revision of one budget, or of all (NULL), of a business (NULL: of all '
'that the token covers): budgeted, actual (by effective date, up to and including p_as_of; NULL: '
'all), remaining = budgeted - actual, utilisation in percent with 2 decimals (NULL when nothing is '
'budgeted), status active, closed or exceeded (actual above budgeted). Functional currency, '
'positive on the normal side of the account. Raises ZI002, ZI003 (token), ZI005 (no such '
'business), ZF003 (no such budget).';
