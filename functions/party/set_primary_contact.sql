-- Which contact of its channel comes first.
CREATE OR REPLACE FUNCTION party.set_primary_contact(
    p_contact_id uuid,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_row party.customer_contacts;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'party.manage_customers');
    SELECT x.* INTO v_row
    FROM party.customer_contacts AS x
    WHERE x.tenant_id = p_tenant_id AND x.id = p_contact_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such contact: %', coalesce(p_contact_id::text, 'NULL')
        USING ERRCODE = 'ZT003',
            HINT = 'See party.customer_contacts.';
    END IF;
    PERFORM party.lock_customer(p_tenant_id, v_row.customer_id);
    -- One statement could meet the unique index half-way.
    UPDATE party.customer_contacts AS x
    SET is_primary = false
    WHERE x.tenant_id = p_tenant_id AND x.customer_id = v_row.customer_id
        AND x.channel = v_row.channel AND x.is_primary AND x.id <> p_contact_id;
    UPDATE party.customer_contacts AS x
    SET is_primary = true
    WHERE x.tenant_id = p_tenant_id AND x.id = p_contact_id AND NOT x.is_primary;
END;
$$;
COMMENT ON FUNCTION party.set_primary_contact(uuid, integer) IS
'Makes a contact the primary one of its channel; the one before is none any more. Needs '
'party.manage_customers. Raises ZI001 to ZI004, ZI009 to ZI011 (token, permission), ZT003 (no '
'such contact).';
