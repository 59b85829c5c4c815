-- An account with all that it hangs below in the chart.
CREATE OR REPLACE FUNCTION ledger.accounts_above(p_tenant_id integer, p_account_id uuid)
RETURNS uuid[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_accounts uuid[] := '{}'::uuid[];
    v_account_id uuid := p_account_id;
BEGIN
    WHILE v_account_id IS NOT NULL AND v_account_id <> ALL (v_accounts) LOOP
        v_accounts := v_accounts || v_account_id;
        SELECT a.parent_id INTO v_account_id
        FROM ledger.accounts AS a
        WHERE a.tenant_id = p_tenant_id AND a.id = v_account_id;
    END LOOP;
    RETURN v_accounts;
END;
$$;
COMMENT ON FUNCTION ledger.accounts_above(integer, uuid) IS
'The account and its ancestors, from the account up. Internal.';
