-- The businesses that the token covers, for functions that run as the owner but only read.
CREATE OR REPLACE FUNCTION ledger.businesses_of_token(p_tenant_id integer, p_business_code text)
RETURNS SETOF identity.businesses
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_covered integer[] := identity.current_businesses();
BEGIN
    RETURN QUERY
    SELECT b.*
    FROM identity.businesses AS b
    WHERE b.tenant_id = p_tenant_id
        AND (v_covered IS NULL OR b.id = ANY (v_covered))
        AND (p_business_code IS NULL OR b.code = p_business_code);
    IF NOT FOUND AND p_business_code IS NOT NULL THEN
        RAISE EXCEPTION 'no such business: %', p_business_code
        USING ERRCODE = 'ZI005',
            HINT = 'See identity.businesses for the codes that the token covers.';
    END IF;
END;
$$;
COMMENT ON FUNCTION ledger.businesses_of_token(integer, text) IS
'The business with that code, or all of the tenant (NULL), as far as the claim business covers '
'them, inactive ones too. Internal: for functions that have entered the tenant. Raises ZI005 (no '
'such business, or not covered).';
