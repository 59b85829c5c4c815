-- requires: identity.current_tenant
-- Say what an account's balance must keep to, and whether it keeps a version.
CREATE OR REPLACE FUNCTION ledger.set_account_limits(
    p_account_code text,
    p_minimum_balance numeric DEFAULT NULL,
    p_credit_limit numeric DEFAULT NULL,
    p_keeps_version boolean DEFAULT NULL,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_account ledger.accounts;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.set_limits');
    v_account := ledger.account_to_change(p_tenant_id, p_account_code);
    IF NOT v_account.is_postable THEN
        RAISE EXCEPTION 'account % is a header account', p_account_code
        USING ERRCODE = 'ZL009',
            HINT = 'Set limits of the accounts below it.';
    END IF;
    IF round(p_minimum_balance, 4) <> p_minimum_balance
        OR round(p_credit_limit, 4) <> p_credit_limit
    THEN
        RAISE EXCEPTION 'a limit has more than 4 decimals'
        USING ERRCODE = 'ZL011',
            HINT = 'Round it before you send it.';
    END IF;
    UPDATE ledger.accounts AS a
    SET minimum_balance = p_minimum_balance,
        credit_limit = p_credit_limit,
        keeps_version = coalesce(p_keeps_version, a.keeps_version)
    WHERE a.tenant_id = p_tenant_id AND a.id = v_account.id;
END;
$$;
COMMENT ON FUNCTION ledger.set_account_limits(text, numeric, numeric, boolean, integer) IS
'Sets what the balance of an account, on its normal side and in the functional currency, never '
'falls below and never exceeds, for each business by itself (NULL: no limit), and whether it '
'keeps a version (NULL: as it is). Waits for those who are posting to the account. Raises ZI001 '
'to ZI007 (token, business), ZL007 (no such account), ZL009 (header account), ZL011 (more than 4 '
'decimals), ZL030, ZL031 (a business does not keep to it now), 22003 (too large), 23514 (minimum '
'above the limit, or NaN), 25001 outside READ COMMITTED.';
