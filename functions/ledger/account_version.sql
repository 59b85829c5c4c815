-- The version of one account of one business.
CREATE OR REPLACE FUNCTION ledger.account_version(p_business_code text, p_account_code text)
RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant_id integer := identity.current_tenant();
    v_business_id integer;
    v_account ledger.accounts;
BEGIN
    IF v_tenant_id IS NULL THEN
        RAISE EXCEPTION 'no token'
        USING ERRCODE = 'ZI001',
            DETAIL = 'The setting pgerp.token is empty, so the tenant is not proved.',
            HINT = 'In each transaction: SELECT set_config(''pgerp.token'', <token>, true).';
    END IF;
    v_business_id := ledger.readable_business(coalesce(p_business_code, ''));
    SELECT a.* INTO v_account
    FROM ledger.accounts AS a
    WHERE a.tenant_id = v_tenant_id AND a.code = p_account_code;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such account: %', coalesce(p_account_code, 'NULL')
        USING ERRCODE = 'ZL007',
            HINT = 'See ledger.accounts for the codes.';
    END IF;
    IF NOT v_account.keeps_version THEN
        RAISE EXCEPTION 'account % keeps no version', p_account_code
        USING ERRCODE = 'ZL033',
            HINT = 'Let it keep one with ledger.set_account_limits.';
    END IF;
    RETURN coalesce((
        SELECT h.version
        FROM ledger.account_heads AS h
        WHERE h.tenant_id = v_tenant_id
            AND h.account_id = v_account.id
            AND h.business_id = v_business_id
    ), 0);
END;
$$;
COMMENT ON FUNCTION ledger.account_version(text, text) IS
'How often an account has changed for a business: rises by one with each line that is posted, '
'never falls; 0 before the first. For p_expected_versions of ledger.create_journal_entry. Raises '
'ZI001 to ZI003 (token), ZI005 (no such business), ZL007 (no such account), ZL033 (keeps no '
'version).';
