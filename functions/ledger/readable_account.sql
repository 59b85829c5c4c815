-- For reports: the account by its code.
CREATE OR REPLACE FUNCTION ledger.readable_account(p_account_code text)
RETURNS ledger.accounts
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant_id integer := identity.current_tenant();
    v_account ledger.accounts;
BEGIN
    SELECT a.* INTO v_account
    FROM ledger.accounts AS a
    WHERE a.tenant_id = v_tenant_id AND a.code = p_account_code;
    IF v_tenant_id IS NOT NULL AND NOT FOUND THEN
        RAISE EXCEPTION 'no such account: %', coalesce(p_account_code, 'NULL')
        USING ERRCODE = 'ZL007',
            HINT = 'See ledger.accounts for the codes.';
    END IF;
    RETURN v_account;
END;
$$;
COMMENT ON FUNCTION ledger.readable_account(text) IS
'The account with that code of the token''s tenant; a row of NULLs without a token. Raises ZL007 '
'(no such account).';
