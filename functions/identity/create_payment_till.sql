-- A till, paybill number or account where a business takes money.
CREATE OR REPLACE FUNCTION identity.create_payment_till(
    p_business_code text,
    p_kind text,
    p_number text,
    p_name text,
    p_account_code text DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_id uuid := core.uuid_v7();
    v_business identity.businesses;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'identity.manage_businesses');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    INSERT INTO identity.payment_tills (
        tenant_id, id, business_id, kind, number, name, account_code
    )
    VALUES (p_tenant_id, v_id, v_business.id, p_kind, p_number, p_name, p_account_code);
    RETURN v_id;
END;
$$;
COMMENT ON FUNCTION identity.create_payment_till(text, text, text, text, text, integer) IS
'Makes a till of a business and returns its id. p_kind: mpesa_till, mpesa_paybill, cash, card '
'or bank; p_account_code: the ledger''s account that the money goes to. Needs '
'identity.manage_businesses. Raises ZI001 to ZI007, ZI009 to ZI011 (token, business, '
'permission), 23502, 23514 (malformed), 23505 (number taken).';
