-- For statements: the business by its code, or none for all of them, if they can be summed.
CREATE OR REPLACE FUNCTION ledger.readable_business(p_business_code text)
RETURNS integer
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant_id integer := identity.current_tenant();
    v_business_id integer;
    v_currencies text;
BEGIN
    IF p_business_code IS NULL THEN
        SELECT string_agg(DISTINCT b.currency_code::text, ', ') INTO v_currencies
        FROM identity.businesses AS b
        WHERE b.tenant_id = v_tenant_id;
        IF v_currencies LIKE '%,%' THEN
            RAISE EXCEPTION 'businesses with different functional currencies cannot be summed'
            USING ERRCODE = 'ZL020',
                DETAIL = format('Currencies: %s.', v_currencies),
                HINT = 'Ask for one business at a time.';
        END IF;
        RETURN NULL;
    END IF;
    SELECT b.id INTO v_business_id
    FROM identity.businesses AS b
    WHERE b.tenant_id = v_tenant_id AND b.code = p_business_code;
    IF v_tenant_id IS NOT NULL AND v_business_id IS NULL THEN
        RAISE EXCEPTION 'no such business: %', p_business_code
        USING ERRCODE = 'ZI005',
            HINT = 'See identity.businesses for the codes that the token covers.';
    END IF;
    RETURN v_business_id;
END;
$$;
COMMENT ON FUNCTION ledger.readable_business(text) IS
'The id of a business of the token''s tenant; NULL for NULL, which stands for all of them. '
'Raises ZI005 (no such business, or not covered by the token), ZL020 (several functional '
'currencies).';
