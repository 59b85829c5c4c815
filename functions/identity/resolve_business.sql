-- A business by its code, if the token's list has it and it is active.
CREATE OR REPLACE FUNCTION identity.resolve_business(p_tenant_id integer, p_business_code text)
RETURNS identity.businesses
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_allowed text := current_setting('pgerp.business_ids', true);
BEGIN
    SELECT b.* INTO v_business
    FROM identity.businesses AS b
    WHERE b.tenant_id = p_tenant_id AND b.code = p_business_code;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such business: %', coalesce(p_business_code, 'NULL')
        USING ERRCODE = 'ZI005',
            HINT = 'See identity.businesses for the codes; identity.create_business makes one.';
    END IF;
    IF v_allowed <> '*' AND NOT v_allowed::jsonb @> to_jsonb(v_business.id) THEN
        RAISE EXCEPTION 'the token does not cover business %', p_business_code
        USING ERRCODE = 'ZI006',
            HINT = 'Use a token whose claim business lists it.';
    END IF;
    IF NOT v_business.is_active THEN
        RAISE EXCEPTION 'business % is inactive', p_business_code
        USING ERRCODE = 'ZI007',
            HINT = 'Set is_active in identity.businesses if it trades again.';
    END IF;
    RETURN v_business;
END;
$$;
COMMENT ON FUNCTION identity.resolve_business(integer, text) IS
'The active business with that code. Internal: for functions that have entered the tenant. '
'Raises ZI005 (no such business), ZI006 (not in the token''s list), ZI007 (inactive).';
