-- The account that a function of the chart is to change, if the token covers its business.
CREATE OR REPLACE FUNCTION ledger.account_to_change(p_tenant_id integer, p_account_code text)
RETURNS ledger.accounts
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_account ledger.accounts;
BEGIN
    SELECT a.* INTO v_account
    FROM ledger.accounts AS a
    WHERE a.tenant_id = p_tenant_id AND a.code = p_account_code
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such account: %', coalesce(p_account_code, 'NULL')
        USING ERRCODE = 'ZL007',
            HINT = 'See ledger.accounts for the codes.';
    END IF;
    IF v_account.business_id IS NOT NULL THEN
        PERFORM identity.resolve_business(p_tenant_id, b.code)
        FROM identity.businesses AS b
        WHERE b.tenant_id = p_tenant_id AND b.id = v_account.business_id;
    END IF;
    RETURN v_account;
END;
$$;
COMMENT ON FUNCTION ledger.account_to_change(integer, text) IS
'Locks and returns an account of the tenant. Internal: for functions that have entered the '
'tenant. Raises ZI006, ZI007 (business of the account), ZL007 (no such account).';
