-- A way to reach a customer that is none any more.
CREATE OR REPLACE FUNCTION party.remove_contact(
    p_contact_id uuid,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'party.manage_customers');
    DELETE FROM party.customer_contacts AS x
    WHERE x.tenant_id = p_tenant_id AND x.id = p_contact_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such contact: %', coalesce(p_contact_id::text, 'NULL')
        USING ERRCODE = 'ZT003',
            HINT = 'See party.customer_contacts.';
    END IF;
END;
$$;
COMMENT ON FUNCTION party.remove_contact(uuid, integer) IS
'Removes a contact of a customer. Needs party.manage_customers. Raises ZI001 to ZI004, ZI009 to '
'ZI011 (token, permission), ZT003 (no such contact).';
