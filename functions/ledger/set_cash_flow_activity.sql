-- requires: identity.current_tenant
-- Say where the cash flow statement shows an account.
CREATE OR REPLACE FUNCTION ledger.set_cash_flow_activity(
    p_account_code text,
    p_activity text,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_account ledger.accounts;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.manage_chart');
    v_account := ledger.account_to_change(p_tenant_id, p_account_code);
    IF p_activity = 'cash' AND v_account.type_code NOT IN ('ASSET', 'LIABILITY') THEN
        RAISE EXCEPTION 'account % is of type % and cannot be cash',
            p_account_code, v_account.type_code
        USING ERRCODE = 'ZL062',
            HINT = 'Mark tills and bank accounts, overdrafts included.';
    END IF;
    UPDATE ledger.accounts AS a
    SET cash_flow_activity = p_activity
    WHERE a.tenant_id = p_tenant_id
        AND a.id = v_account.id
        AND a.cash_flow_activity IS DISTINCT FROM p_activity;
END;
$$;
COMMENT ON FUNCTION ledger.set_cash_flow_activity(text, text, integer) IS
'Sets the activity of an account in ledger.cash_flow_statement: cash (it is cash itself: tills, '
'bank accounts, overdrafts), operating, investing or financing; NULL: by its type. Raises ZI001 to '
'ZI007 (token, business), ZL007 (no such account), ZL062 (neither asset nor liability), 23514 (no '
'such activity).';
