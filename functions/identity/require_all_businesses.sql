-- What is of all businesses of the tenant at once needs a token for all of them.
CREATE OR REPLACE FUNCTION identity.require_all_businesses(p_why text)
RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_setting('pgerp.business_ids', true) IS DISTINCT FROM '*' THEN
        RAISE EXCEPTION 'the token does not cover every business'
        USING ERRCODE = 'ZI006',
            DETAIL = p_why,
            HINT = 'Use a token whose claim business is "*".';
    END IF;
END;
$$;
COMMENT ON FUNCTION identity.require_all_businesses(text) IS
'Raises ZI006, with p_why as its detail, unless the token that was entered covers every business. '
'Internal: after identity.enter_tenant.';
