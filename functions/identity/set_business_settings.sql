-- Change settings of a business.
CREATE OR REPLACE FUNCTION identity.set_business_settings(
    p_business_code text,
    p_settings jsonb,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_new identity.business_settings;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'identity.manage_businesses');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    IF jsonb_typeof(p_settings) IS DISTINCT FROM 'object'
        OR p_settings - ARRAY[
            'legal_name', 'tax_number', 'country_code', 'time_zone', 'locale', 'receipt_footer',
            'options'
        ] <> '{}'
        OR NOT EXISTS (
            SELECT FROM pg_timezone_names AS z
            WHERE z.name = coalesce(p_settings ->> 'time_zone', 'UTC')
        )
    THEN
        RAISE EXCEPTION 'a setting is unknown, or the time zone'
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'See the columns of identity.business_settings, and pg_timezone_names.';
    END IF;
    SELECT s.* INTO v_new
    FROM identity.business_settings AS s
    WHERE s.tenant_id = p_tenant_id AND s.business_id = v_business.id
    FOR UPDATE;
    v_new := jsonb_populate_record(v_new, p_settings);
    UPDATE identity.business_settings AS s
    SET legal_name = v_new.legal_name,
        tax_number = v_new.tax_number,
        country_code = v_new.country_code,
        time_zone = v_new.time_zone,
        locale = v_new.locale,
        receipt_footer = v_new.receipt_footer,
        options = v_new.options
    WHERE s.tenant_id = p_tenant_id AND s.business_id = v_business.id;
END;
$$;
COMMENT ON FUNCTION identity.set_business_settings(text, jsonb, integer) IS
'Changes those settings that p_settings names, by the columns of identity.business_settings: '
'{"time_zone": "Africa/Nairobi"}; options is replaced as a whole. Needs '
'identity.manage_businesses. Raises ZI001 to ZI007, ZI009 to ZI011 (token, business, '
'permission), 22023 (unknown setting or time zone), 23502, 23514 (malformed).';
