-- Say what is set aside for loans by how late they are.
CREATE OR REPLACE FUNCTION lending.set_provision_rates(
    p_business_code text,
    p_rates jsonb,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.configure');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    IF jsonb_typeof(p_rates) IS DISTINCT FROM 'array' THEN
        RAISE EXCEPTION 'not a JSON array'
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Give [{"min_days_past_due": 1, "rate_percent": 10}, …], or [] for none.';
    END IF;
    PERFORM core.require_known(r.item, ARRAY['min_days_past_due', 'rate_percent'])
    FROM jsonb_array_elements(p_rates) AS r (item);
    -- Who sets them at the same time waits here.
    PERFORM
    FROM identity.businesses AS b
    WHERE b.tenant_id = p_tenant_id AND b.id = v_business.id
    FOR NO KEY UPDATE;
    DELETE FROM lending.provision_rates AS p
    WHERE p.tenant_id = p_tenant_id AND p.business_id = v_business.id;
    INSERT INTO lending.provision_rates (tenant_id, business_id, min_days_past_due, rate_percent)
    SELECT
        p_tenant_id,
        v_business.id,
        r.min_days_past_due,
        r.rate_percent
    FROM jsonb_to_recordset(p_rates) AS r (min_days_past_due integer, rate_percent numeric);
END;
$$;
COMMENT ON FUNCTION lending.set_provision_rates(text, jsonb, integer) IS
'Replaces all rows of lending.provision_rates of a business. p_rates: [{"min_days_past_due": 0, '
'"rate_percent": 1}, {"min_days_past_due": 1, "rate_percent": 10}]; []: nothing is set aside. '
'They hold from the next day that lending.provision_loans counts. Needs lending.configure. Raises '
'ZI001 to ZI007, ZI009 to ZI011 (token, business, permission), 22023 (shape, unknown key), 23502, '
'23505, 23514, 22P02, 22003 (malformed).';
