-- requires: identity.current_tenant
-- Add an account to the chart.
CREATE OR REPLACE FUNCTION ledger.create_account(
    p_code text,
    p_name text,
    p_type text,
    p_parent_code text DEFAULT NULL,
    p_business_code text DEFAULT NULL,
    p_is_postable boolean DEFAULT true,
    p_currency_code text DEFAULT NULL,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_parent_id uuid;
    v_business identity.businesses;
    v_account_id uuid;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.manage_chart');
    IF p_business_code IS NOT NULL THEN
        v_business := identity.resolve_business(p_tenant_id, p_business_code);
    END IF;
    IF p_parent_code IS NOT NULL THEN
        SELECT a.id INTO v_parent_id
        FROM ledger.accounts AS a
        WHERE a.tenant_id = p_tenant_id AND a.code = p_parent_code;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no such account: %', p_parent_code
            USING ERRCODE = 'ZL007',
                DETAIL = format('It was to be the parent of account %s.', p_code),
                HINT = 'Make the parent first.';
        END IF;
    END IF;
    INSERT INTO ledger.accounts (
        tenant_id, business_id, parent_id, type_code, code, name, currency_code, is_postable
    )
    VALUES (
        p_tenant_id, v_business.id, v_parent_id, p_type, p_code, p_name, p_currency_code,
        p_is_postable
    )
    RETURNING id INTO v_account_id;
    RETURN v_account_id;
END;
$$;
COMMENT ON FUNCTION ledger.create_account(text, text, text, text, text, boolean, text, integer) IS
'Adds an account and returns its id. Business NULL: shared by all businesses; type one of ASSET, '
'LIABILITY, EQUITY, REVENUE, EXPENSE, the same as its parent''s. Raises ZI001 to ZI007 (token, '
'business), ZL007 (no such parent), ZL012 (parent of another business), 23503 (no such type or '
'currency, or another type than the parent), 23505 (code taken), 23514 (malformed).';
