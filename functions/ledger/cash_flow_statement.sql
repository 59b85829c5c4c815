-- Where cash came from and where it went, by the indirect or the direct method.
CREATE OR REPLACE FUNCTION ledger.cash_flow_statement(
    p_business_code text,
    p_from date,
    p_to date,
    p_method text DEFAULT 'indirect'
)
RETURNS TABLE (
    section text,
    item text,
    account_code text,
    account_name text,
    amount numeric
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
-- To plan for the journal's partitions takes longer than to read them.
SET plan_cache_mode = 'force_generic_plan'
AS $$
DECLARE
    v_tenant_id integer := identity.current_tenant();
    v_business_id integer := ledger.readable_business(p_business_code);
    v_cash uuid[];
BEGIN
    IF v_tenant_id IS NULL THEN
        RETURN;
    END IF;
    IF p_method IS NULL OR p_method NOT IN ('indirect', 'direct') THEN
        RAISE EXCEPTION 'no such method: %', coalesce(p_method, 'NULL')
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Use indirect or direct.';
    END IF;
    SELECT array_agg(a.id) INTO v_cash
    FROM ledger.accounts AS a
    WHERE a.tenant_id = v_tenant_id
        AND a.cash_flow_activity = 'cash'
        AND (v_business_id IS NULL OR a.business_id IS NULL OR a.business_id = v_business_id);
    IF v_cash IS NULL THEN
        RAISE EXCEPTION 'no account is marked as cash'
        USING ERRCODE = 'ZL060',
            DETAIL = 'A cash flow statement explains how the balance of these accounts changed.',
            HINT = 'Name them with SELECT ledger.set_cash_flow_activity(<account code>, ''cash'').';
    END IF;
    RETURN QUERY
    WITH flows AS MATERIALIZED (
        SELECT f.*
        FROM ledger.indirect_cash_flows(v_tenant_id, v_business_id, p_from, p_to) AS f
        WHERE p_method = 'indirect'
        UNION ALL
        SELECT f.*
        FROM ledger.direct_cash_flows(v_tenant_id, v_business_id, p_from, p_to, v_cash) AS f
        WHERE p_method = 'direct'
    ),

    cash AS (
        SELECT
            coalesce(sum(m.debit - m.credit) FILTER (WHERE d.is_opening), 0.0000) AS opening,
            coalesce(sum(m.debit - m.credit) FILTER (WHERE NOT d.is_opening), 0.0000) AS closing
        FROM (VALUES (true, p_from - 1), (false, p_to)) AS d (is_opening, day)
        CROSS JOIN unnest(v_cash) AS c (account_id)
        CROSS JOIN LATERAL ledger.account_movements(
            v_tenant_id, v_business_id, NULL, d.day, c.account_id
        ) AS m
        WHERE NOT d.is_opening OR p_from IS NOT NULL
    ),

    statement AS (
        SELECT f.*
        FROM flows AS f
        UNION ALL
        SELECT
            s.section,
            'total',
            NULL,
            format('Cash from %s activities', s.section),
            coalesce(sum(f.amount), 0.0000)
        FROM unnest(ARRAY['operating', 'investing', 'financing']) AS s (section)
        LEFT JOIN flows AS f ON f.section = s.section
        GROUP BY s.section
        UNION ALL
        SELECT
            'cash',
            r.item,
            NULL,
            r.name,
            r.amount
        FROM cash AS c
        CROSS JOIN LATERAL (
            VALUES
            ('opening', 'Cash at the beginning', c.opening),
            ('change', 'Change in cash', (
                SELECT coalesce(sum(f.amount), 0.0000)
                FROM flows AS f
            )),
            ('closing', 'Cash at the end', c.closing)
        ) AS r (item, name, amount)
    )

    SELECT
        s.section,
        s.item,
        s.account_code,
        s.account_name,
        s.amount
    FROM statement AS s
    ORDER BY
        array_position(ARRAY['operating', 'investing', 'financing', 'cash'], s.section),
        array_position(
            ARRAY[
                'net_income', 'adjustment', 'change', 'receipts', 'payments', 'total', 'opening',
                'closing'
            ],
            CASE WHEN s.section = 'cash' AND s.item = 'change' THEN 'opening' ELSE s.item END
        ),
        s.item DESC,
        s.account_code COLLATE "C";
END;
$$;
COMMENT ON FUNCTION ledger.cash_flow_statement(text, date, date, text) IS
'The cash flow statement of p_from to p_to, both included (NULL: without bound), of one business '
'or consolidated (NULL). Sections operating, investing and financing end with an item total; '
'section cash has the items opening, change (the sum of the totals) and closing: opening and '
'change make closing. Method indirect: items net_income, adjustment (revenue and expenses of other '
'activities), change (of an account''s balance). Method direct: items receipts and payments by '
'counter-account; where an entry has several, its cash is split among those on the other side in '
'proportion; transfers between cash accounts vanish. amount: cash in positive, functional '
'currency. An account''s activity is accounts.cash_flow_activity, else financing for equity and '
'operating for the rest. Raises ZI002, ZI003 (token), ZI005 (no such business), ZL020 (several '
'functional currencies), ZL060 (no account is marked as cash), 22023 (no such method).';
