-- An address that a customer has no more.
CREATE OR REPLACE FUNCTION party.remove_address(
    p_address_id uuid,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'party.manage_customers');
    DELETE FROM party.customer_addresses AS x
    WHERE x.tenant_id = p_tenant_id AND x.id = p_address_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such address: %', coalesce(p_address_id::text, 'NULL')
        USING ERRCODE = 'ZT003',
            HINT = 'See party.customer_addresses.';
    END IF;
END;
$$;
COMMENT ON FUNCTION party.remove_address(uuid, integer) IS
'Removes an address of a customer. Needs party.manage_customers. Raises ZI001 to ZI004, ZI009 to '
'ZI011 (token, permission), ZT003 (no such address).';
