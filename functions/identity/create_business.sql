-- requires: identity.current_tenant
-- A new business of the tenant.
CREATE OR REPLACE FUNCTION identity.create_business(
    p_code text,
    p_name text,
    p_currency_code text,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_id integer;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'identity.manage_businesses');
    IF current_setting('pgerp.business_ids', true) <> '*' THEN
        RAISE EXCEPTION 'the token does not cover a new business'
        USING ERRCODE = 'ZI006',
            HINT = 'Use a token whose claim business is "*".';
    END IF;
    v_id := core.next_number('business', 0, p_tenant_id);
    INSERT INTO identity.businesses (tenant_id, id, code, name, currency_code)
    VALUES (p_tenant_id, v_id, p_code, p_name, p_currency_code);
    RETURN v_id;
END;
$$;
COMMENT ON FUNCTION identity.create_business(text, text, text, integer) IS
'Makes a business with its functional currency (ISO 4217) and returns its id, counted from 1 '
'within the tenant. Raises ZI001 to ZI004 (token), ZI006 (token lists businesses), 23503 (no '
'such currency), 23505 (code taken), 23514 (malformed).';
