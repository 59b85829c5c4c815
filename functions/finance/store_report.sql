-- requires: identity.current_tenant
-- Keep a dated copy of a statement.
CREATE OR REPLACE FUNCTION finance.store_report(
    p_business_code text,
    p_kind text,
    p_from date DEFAULT NULL,
    p_to date DEFAULT NULL,
    p_budget_code text DEFAULT NULL,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_rows jsonb;
    v_report_id uuid := core.uuid_v7();
    v_is_apart boolean;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'finance.store_reports');
    v_is_apart := to_regnamespace('ledger') IS NULL;
    IF p_business_code IS NOT NULL THEN
        v_business := identity.resolve_business(p_tenant_id, p_business_code);
    ELSIF current_setting('pgerp.business_ids', true) <> '*' THEN
        -- The owner's rights see every business, whatever the token lists.
        RAISE EXCEPTION 'the token does not cover a consolidated report'
        USING ERRCODE = 'ZI006',
            HINT = 'Name a business, or use a token whose claim business is "*".';
    END IF;
    IF p_from IS NOT NULL AND p_kind IN ('trial_balance', 'balance_sheet', 'budget_status') THEN
        RAISE EXCEPTION 'a report of kind % is as of a day and begins on none', p_kind
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Leave p_from out.';
    END IF;
    IF p_kind NOT IN (
        'trial_balance', 'income_statement', 'balance_sheet', 'cash_flow', 'budget_status'
    ) OR p_kind IS NULL THEN
        RAISE EXCEPTION 'no such kind of report: %', coalesce(p_kind, 'NULL')
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Use trial_balance, income_statement, balance_sheet, cash_flow or '
                'budget_status.';
    ELSIF v_is_apart AND p_kind IN ('cash_flow', 'budget_status') THEN
        RAISE EXCEPTION 'a report of kind % needs every line of the journal', p_kind
        USING ERRCODE = 'ZF009',
            DETAIL = 'The ledger is in another database, and events bring totals of periods.',
            HINT = 'Ask the ledger for it.';
    ELSIF p_kind = 'trial_balance' AND v_is_apart THEN
        SELECT jsonb_agg(to_jsonb(r)) INTO v_rows
        FROM finance.trial_balance(p_business_code, p_to) AS r;
    ELSIF p_kind = 'trial_balance' THEN
        SELECT jsonb_agg(to_jsonb(r)) INTO v_rows
        FROM ledger.trial_balance(p_business_code, p_to) AS r;
    ELSIF p_kind = 'income_statement' AND v_is_apart THEN
        SELECT jsonb_agg(to_jsonb(r)) INTO v_rows
        FROM finance.income_statement(p_business_code, p_from, p_to) AS r;
    ELSIF p_kind = 'income_statement' THEN
        SELECT jsonb_agg(to_jsonb(r)) INTO v_rows
        FROM ledger.income_statement(p_business_code, p_from, p_to) AS r;
    ELSIF p_kind = 'balance_sheet' AND v_is_apart THEN
        SELECT jsonb_agg(to_jsonb(r)) INTO v_rows
        FROM finance.balance_sheet(p_business_code, p_to) AS r;
    ELSIF p_kind = 'balance_sheet' THEN
        SELECT jsonb_agg(to_jsonb(r)) INTO v_rows
        FROM ledger.balance_sheet(p_business_code, p_to) AS r;
    ELSIF p_kind = 'cash_flow' THEN
        SELECT jsonb_agg(to_jsonb(r)) INTO v_rows
        FROM ledger.cash_flow_statement(p_business_code, p_from, p_to) AS r;
    ELSE
        SELECT jsonb_agg(to_jsonb(r)) INTO v_rows
        FROM ledger.budget_status(p_business_code, p_budget_code, p_to) AS r;
    END IF;
    INSERT INTO finance.financial_reports (
        tenant_id, id, business_id, kind, period_from, period_to, content
    )
    VALUES (
        p_tenant_id, v_report_id, coalesce(v_business.id, 0), p_kind, p_from, p_to,
        jsonb_build_object(
            'kind', p_kind,
            'business', p_business_code,
            'budget', p_budget_code,
            'from', p_from,
            'to', p_to,
            'rows', coalesce(v_rows, '[]')
        )
    );
    RETURN v_report_id;
END;
$$;
COMMENT ON FUNCTION finance.store_report(text, text, date, date, text, integer) IS
'Stores what a statement says now, with its SHA-256, in finance.financial_reports and returns its '
'id. p_kind: trial_balance, balance_sheet, budget_status (as of p_to; p_budget_code: of one '
'budget), income_statement or cash_flow (indirect; p_from to p_to); business NULL: consolidated, '
'for a token that covers all. '
'Raises ZI001 to ZI007 (token, business), ZF003 (no such budget), ZL020 (several functional '
'currencies), 22023 (no such kind, or p_from where there is none). Where the ledger is in another '
'database it is by whole fiscal periods (ZF008: one is cut), without cash_flow and budget_status '
'(ZF009).';
