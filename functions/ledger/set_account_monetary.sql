-- requires: identity.current_tenant
-- Say whether an account is revalued.
CREATE OR REPLACE FUNCTION ledger.set_account_monetary(
    p_account_code text,
    p_is_monetary boolean,
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
    UPDATE ledger.accounts AS a
    SET is_monetary = p_is_monetary
    WHERE a.tenant_id = p_tenant_id AND a.id = v_account.id;
END;
$$;
COMMENT ON FUNCTION ledger.set_account_monetary(text, boolean, integer) IS
'Whether ledger.revalue revalues the balances of an asset or liability account in other '
'currencies: true for money and claims to it, false for inventory or prepayments. Raises ZI001 to '
'ZI007 (token, business), ZL007 (no such account), 23502 (NULL).';
