-- What was posted to each account in whole periods: what statements of finance are made of.
CREATE OR REPLACE FUNCTION finance.account_totals(
    p_business_code text,
    p_from date,
    p_to date,
    p_with_closing boolean DEFAULT true
)
RETURNS TABLE (
    account_code text,
    account_name text,
    account_type text,
    statement text,
    normal_side integer,
    sort_order integer,
    balance numeric
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant_id integer := identity.current_tenant();
    v_currencies bigint;
    v_cut text;
BEGIN
    SELECT count(DISTINCT b.currency_code) INTO v_currencies
    FROM identity.businesses AS b
    WHERE b.tenant_id = v_tenant_id AND (p_business_code IS NULL OR b.code = p_business_code);
    IF v_tenant_id IS NOT NULL AND p_business_code IS NOT NULL AND v_currencies = 0 THEN
        RAISE EXCEPTION 'no such business: %', p_business_code
        USING ERRCODE = 'ZI005',
            HINT = 'See identity.businesses for the codes that the token covers.';
    ELSIF v_currencies > 1 THEN
        RAISE EXCEPTION 'businesses with different functional currencies cannot be summed'
        USING ERRCODE = 'ZL020',
            HINT = 'Ask for one business at a time.';
    END IF;
    SELECT format('%s of business %s', c.period, c.business) INTO v_cut
    FROM finance.accounting_data_cache AS c
    WHERE c.tenant_id = v_tenant_id
        AND (p_business_code IS NULL OR c.business = p_business_code)
        AND (
            (p_from > c.period_starts_on AND p_from <= c.period_ends_on)
            OR (p_to >= c.period_starts_on AND p_to < c.period_ends_on)
        )
    ORDER BY c.period_starts_on
    LIMIT 1;
    IF v_cut IS NOT NULL THEN
        RAISE EXCEPTION 'finance knows the books by whole fiscal periods'
        USING ERRCODE = 'ZF008',
            DETAIL = format('Asked for from %s to %s, which cuts %s.', p_from, p_to, v_cut),
            HINT = 'Ask for whole periods, or the ledger for other days.';
    END IF;
    RETURN QUERY
    SELECT
        c.account_code::text,
        c.account_name::text,
        c.account_type::text,
        t.statement,
        t.normal_side,
        t.sort_order,
        sum(c.movement)
    FROM finance.accounting_data_cache AS c
    INNER JOIN (
        VALUES
        ('ASSET', 'balance_sheet', 1, 1),
        ('LIABILITY', 'balance_sheet', -1, 2),
        ('EQUITY', 'balance_sheet', -1, 3),
        ('REVENUE', 'income_statement', -1, 4),
        ('EXPENSE', 'income_statement', 1, 5)
    ) AS t (code, statement, normal_side, sort_order) ON t.code = c.account_type
    WHERE c.tenant_id = v_tenant_id
        AND (p_business_code IS NULL OR c.business = p_business_code)
        AND (p_from IS NULL OR c.period_starts_on >= p_from)
        AND (p_to IS NULL OR c.period_ends_on <= p_to)
        AND (p_with_closing OR c.period_kind::text <> 'closing')
    GROUP BY c.account_code, c.account_name, c.account_type, t.statement, t.normal_side,
        t.sort_order;
END;
$$;
COMMENT ON FUNCTION finance.account_totals(text, date, date, boolean) IS
'The accounts of finance.accounting_data_cache that moved in the fiscal periods from p_from to '
'p_to (NULL: without bound), of one business or of all that the token covers (NULL), with their '
'balance (debit positive), the statement that lists them, its side and place there. For the '
'statements of finance. Raises ZI002, ZI003 (token), ZI005 (no such business), ZL020 (several '
'functional currencies), ZF008 (a period is cut).';
