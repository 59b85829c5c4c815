-- For reports: the business by its code, or all that the token covers.
CREATE OR REPLACE FUNCTION lending.readable_businesses(p_business_code text)
RETURNS integer[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant_id integer := identity.current_tenant();
    v_covered integer[] := identity.current_businesses();
    v_business_ids integer[];
BEGIN
    IF v_tenant_id IS NULL THEN
        RAISE EXCEPTION 'no token'
        USING ERRCODE = 'ZI001',
            DETAIL = 'The setting pgerp.token is empty, so the tenant is not proved.',
            HINT = 'In each transaction: SELECT set_config(''pgerp.token'', <token>, true).';
    END IF;
    SELECT coalesce(array_agg(b.id ORDER BY b.id), '{}') INTO v_business_ids
    FROM identity.businesses AS b
    WHERE b.tenant_id = v_tenant_id
        -- As the owner, row security would show those that the token does not cover too.
        AND (v_covered IS NULL OR b.id = ANY (v_covered))
        AND (p_business_code IS NULL OR b.code = p_business_code);
    IF p_business_code IS NOT NULL AND v_business_ids = '{}' THEN
        RAISE EXCEPTION 'no such business: %', p_business_code
        USING ERRCODE = 'ZI005',
            HINT = 'See identity.businesses for the codes that the token covers.';
    END IF;
    RETURN v_business_ids;
END;
$$;
COMMENT ON FUNCTION lending.readable_businesses(text) IS
'The ids of the businesses that a report is about: the one with that code, or for NULL all that '
'the token covers, inactive ones too. Raises ZI001 to ZI003 (token), ZI005 (no such business, or '
'not covered by the token).';
