-- The balance of one account of one business.
CREATE OR REPLACE FUNCTION ledger.account_balance(
    p_business_code text,
    p_account_code text,
    p_as_of date DEFAULT NULL
)
RETURNS numeric
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant_id integer := identity.current_tenant();
    v_business_id integer := ledger.readable_business(p_business_code);
    v_account_id uuid;
    v_balance numeric;
BEGIN
    IF v_tenant_id IS NULL THEN
        RAISE EXCEPTION 'no token'
        USING ERRCODE = 'ZI001',
            DETAIL = 'The setting pgerp.token is empty, so the tenant is not proved.',
            HINT = 'In each transaction: SELECT set_config(''pgerp.token'', <token>, true).';
    END IF;
    SELECT a.id INTO v_account_id
    FROM ledger.accounts AS a
    WHERE a.tenant_id = v_tenant_id AND a.code = p_account_code;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such account: %', coalesce(p_account_code, 'NULL')
        USING ERRCODE = 'ZL007',
            HINT = 'See ledger.accounts for the codes.';
    END IF;
    SELECT coalesce(sum(m.debit - m.credit), 0) INTO v_balance
    FROM ledger.account_movements(v_tenant_id, v_business_id, NULL, p_as_of, v_account_id) AS m;
    RETURN v_balance;
END;
$$;
COMMENT ON FUNCTION ledger.account_balance(text, text, date) IS
'Debits less credits of one account in the functional currency, entries dated up to and '
'including p_as_of (NULL: all); business NULL: all of the tenant. Raises ZI001 to ZI003 (token), '
'ZI005 (no such business), ZL007 (no such account), ZL020 (several functional currencies).';
