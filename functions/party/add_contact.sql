-- One more way to reach a customer.
CREATE OR REPLACE FUNCTION party.add_contact(
    p_customer_id uuid,
    p_contact jsonb,
    p_tenant_id integer DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_id uuid := core.uuid_v7();
    v_new party.customer_contacts;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'party.manage_customers');
    PERFORM party.lock_customer(p_tenant_id, p_customer_id);
    PERFORM core.require_known(p_contact, ARRAY[
        'channel', 'label', 'contact_name', 'email', 'phone_encrypted', 'phone_hash', 'is_primary'
    ]);
    v_new := jsonb_populate_record(v_new, p_contact);
    INSERT INTO party.customer_contacts (
        tenant_id, id, customer_id, channel, label, contact_name, email, phone_encrypted,
        phone_hash, is_primary
    )
    SELECT
        p_tenant_id,
        v_id,
        p_customer_id,
        v_new.channel,
        v_new.label,
        v_new.contact_name,
        v_new.email,
        v_new.phone_encrypted,
        v_new.phone_hash,
        -- The first is, unless the caller says otherwise.
        v_new.is_primary IS NOT false AND NOT EXISTS (
            SELECT FROM party.customer_contacts AS x
            WHERE x.tenant_id = p_tenant_id AND x.customer_id = p_customer_id
                AND x.channel = v_new.channel AND x.is_primary
        );
    IF v_new.is_primary THEN
        PERFORM party.set_primary_contact(v_id, p_tenant_id);
    END IF;
    RETURN v_id;
END;
$$;
COMMENT ON FUNCTION party.add_contact(uuid, jsonb, integer) IS
'Adds a phone number, an e-mail address or a person to a customer and returns its id. p_contact '
'has columns of party.customer_contacts as keys: {"channel": "phone", "label": "office", '
'"phone_encrypted": "…", "phone_hash": "…"}. The first of its channel is the primary one, and so '
'is one with "is_primary": true. Needs party.manage_customers. Raises ZI001 to ZI004, ZI009 to '
'ZI011 (token, permission), ZT001 (no such customer), ZT002 (anonymised), 22023 (unknown key), '
'23502, 23514, 22P02 (malformed).';
