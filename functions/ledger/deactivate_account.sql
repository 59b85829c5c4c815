-- requires: identity.current_tenant
-- From now on nothing is posted to an account; what was posted stays, also in statements.
CREATE OR REPLACE FUNCTION ledger.deactivate_account(
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
    SET is_active = false
    WHERE a.tenant_id = p_tenant_id AND a.id = v_account.id AND a.is_active;
END;
$$;
COMMENT ON FUNCTION ledger.deactivate_account(text, integer) IS
'Closes an account to new postings (they raise ZL010); its history and its balance stay. Waits for '
'those who are posting to it. An inactive one stays so. Raises ZI001 to ZI007 (token, business), '
'ZL007 (no such account).';
