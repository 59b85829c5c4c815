-- requires: identity.current_tenant
-- Say which account plays a part.
CREATE OR REPLACE FUNCTION ledger.set_account_role(
    p_role text,
    p_account_code text,
    p_business_code text DEFAULT NULL,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_account ledger.accounts;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.manage_chart');
    IF p_business_code IS NOT NULL THEN
        v_business := identity.resolve_business(p_tenant_id, p_business_code);
    ELSIF current_setting('pgerp.business_ids', true) <> '*' THEN
        RAISE EXCEPTION 'the token does not cover every business'
        USING ERRCODE = 'ZI006',
            HINT = 'Name a business, or use a token whose claim business is "*".';
    END IF;
    SELECT a.* INTO v_account
    FROM ledger.accounts AS a
    WHERE a.tenant_id = p_tenant_id AND a.code = p_account_code;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such account: %', coalesce(p_account_code, 'NULL')
        USING ERRCODE = 'ZL007',
            HINT = 'See ledger.accounts for the codes.';
    END IF;
    IF NOT v_account.is_postable THEN
        RAISE EXCEPTION 'account % is a header account', p_account_code
        USING ERRCODE = 'ZL009',
            HINT = 'Give the part to an account that takes lines.';
    END IF;
    IF v_account.business_id <> v_business.id
        OR (v_account.business_id IS NOT NULL AND v_business.id IS NULL)
    THEN
        RAISE EXCEPTION 'account % belongs to another business', p_account_code
        USING ERRCODE = 'ZL012',
            HINT = 'Name its business in p_business_code, or choose a shared account.';
    END IF;
    INSERT INTO ledger.account_roles AS r (tenant_id, business_id, role, account_id)
    VALUES (p_tenant_id, v_business.id, p_role, v_account.id)
    ON CONFLICT (tenant_id, role, business_id) DO UPDATE SET account_id = excluded.account_id;
END;
$$;
COMMENT ON FUNCTION ledger.set_account_role(text, text, text, integer) IS
'Gives a part (retained_earnings, rounding_difference, exchange_gain, exchange_loss, '
'unrealised_exchange_gain, unrealised_exchange_loss, or any other name) to an account, for every '
'business or, overriding that, for one; what it was before is replaced. Raises ZI001 to ZI007 '
'(token, business), ZL007 (no such account), ZL009 (header account), ZL012 (account of another '
'business), 23502, 23514 (role missing or malformed).';
