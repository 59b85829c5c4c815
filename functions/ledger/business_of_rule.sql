-- The business of a posting rule, or all of them, if the token may speak for it.
CREATE OR REPLACE FUNCTION ledger.business_of_rule(p_tenant_id integer, p_business_code text)
RETURNS identity.businesses
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_business_code IS NOT NULL THEN
        RETURN identity.resolve_business(p_tenant_id, p_business_code);
    END IF;
    IF current_setting('pgerp.business_ids', true) <> '*' THEN
        RAISE EXCEPTION 'the token does not cover every business'
        USING ERRCODE = 'ZI006',
            DETAIL = 'A posting rule without a business is for all of them.',
            HINT = 'Name a business, or use a token whose claim business is "*".';
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION ledger.business_of_rule(integer, text) IS
'The active business with that code, or NULL for NULL: all. Internal: for functions that have '
'entered the tenant. Raises ZI005 to ZI007 (business, or the token lists some only).';
