-- Where a customer lives, works, or has things sent.
CREATE OR REPLACE FUNCTION party.add_address(
    p_customer_id uuid,
    p_address jsonb,
    p_tenant_id integer DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_id uuid := core.uuid_v7();
    v_new party.customer_addresses;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'party.manage_customers');
    PERFORM party.lock_customer(p_tenant_id, p_customer_id);
    PERFORM core.require_known(p_address, ARRAY[
        'kind', 'line_1', 'line_2', 'city', 'postal_code', 'country_code', 'is_primary'
    ]);
    v_new := jsonb_populate_record(v_new, p_address);
    INSERT INTO party.customer_addresses (
        tenant_id, id, customer_id, kind, line_1, line_2, city, postal_code, country_code,
        is_primary
    )
    SELECT
        p_tenant_id,
        v_id,
        p_customer_id,
        coalesce(v_new.kind, 'home'),
        v_new.line_1,
        v_new.line_2,
        v_new.city,
        v_new.postal_code,
        v_new.country_code,
        -- The first is, unless the caller says otherwise.
        v_new.is_primary IS NOT false AND NOT EXISTS (
            SELECT FROM party.customer_addresses AS x
            WHERE x.tenant_id = p_tenant_id AND x.customer_id = p_customer_id
                AND x.is_primary
        );
    IF v_new.is_primary THEN
        PERFORM party.set_primary_address(v_id, p_tenant_id);
    END IF;
    RETURN v_id;
END;
$$;
COMMENT ON FUNCTION party.add_address(uuid, jsonb, integer) IS
'Adds an address to a customer and returns its id. p_address has columns of '
'party.customer_addresses as keys: {"line_1": "PO Box 1", "city": "Nairobi", "country_code": '
'"KE"}; kind is home where it is left out. The first one is the primary one, and so is one with '
'"is_primary": true. Needs party.manage_customers. Raises ZI001 to ZI004, ZI009 to ZI011 (token, '
'permission), ZT001 (no such customer), ZT002 (anonymised), 22023 (unknown key), 23502, 23514, '
'22P02 (malformed).';
