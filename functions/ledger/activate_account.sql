-- requires: identity.current_tenant
-- Open an account that was closed to postings.
CREATE OR REPLACE FUNCTION ledger.activate_account(
    p_account_code text,
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
    SET is_active = true
    WHERE a.tenant_id = p_tenant_id AND a.id = v_account.id AND NOT a.is_active;
END;
$$;
COMMENT ON FUNCTION ledger.activate_account(text, integer) IS
'Opens an account to postings again. An active one stays so. Raises ZI001 to ZI007 (token, '
'business), ZL007 (no such account).';
