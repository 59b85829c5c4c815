-- The account that a function of the chart is to change, if the token covers its business.
CREATE OR REPLACE FUNCTION ledger.account_to_change(p_tenant_id integer, p_account_code text)
RETURNS ledger.accounts
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_account ledger.accounts;
    v_allowed text := current_setting('pgerp.business_ids', true);
BEGIN
    SELECT a.* INTO v_account
    FROM ledger.accounts AS a
    WHERE a.tenant_id = p_tenant_id
        AND a.code = p_account_code
        AND (
            a.business_id IS NULL
            OR v_allowed = '*'
            OR v_allowed::jsonb @> to_jsonb(a.business_id)
        )
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such account: %', coalesce(p_account_code, 'NULL')
        USING ERRCODE = 'ZL007',
            HINT = 'See ledger.accounts for the codes that the token covers.';
    END IF;
    IF v_account.business_id IS NULL THEN
        IF v_allowed <> '*' THEN
            RAISE EXCEPTION 'the token does not cover all that share account %', p_account_code
            USING ERRCODE = 'ZI006',
                DETAIL = 'A shared account concerns every business of the tenant.',
                HINT = 'Use a token whose claim business is "*".';
        END IF;
    ELSE
        PERFORM identity.resolve_business(p_tenant_id, b.code)
        FROM identity.businesses AS b
        WHERE b.tenant_id = p_tenant_id AND b.id = v_account.business_id;
    END IF;
    RETURN v_account;
END;
$$;
COMMENT ON FUNCTION ledger.account_to_change(integer, text) IS
'Locks and returns an account of a business that the token covers, or a shared one when it covers '
'all. Internal: for functions that have entered the tenant. Raises ZI006 (a shared account, and '
'the token lists businesses), ZI007 (business inactive), ZL007 (no such account, or not covered by '
'the token).';
