-- Where a customer is reached for a purpose now, or why not.
CREATE OR REPLACE FUNCTION messaging.find_recipient(
    p_tenant_id integer,
    p_customer_id uuid,
    p_channel messaging.channel,
    p_purpose text,
    p_needs_consent boolean,
    OUT phone_encrypted core.encrypted_value,
    OUT phone_hash core.keyed_hash,
    OUT email identity.email,
    OUT suppressed_for messaging.suppression
)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        CASE WHEN p_channel = 'sms' THEN coalesce(c.phone_encrypted, o.phone_encrypted) END,
        CASE WHEN p_channel = 'sms' THEN coalesce(c.phone_hash, o.phone_hash) END,
        CASE WHEN p_channel = 'email' THEN coalesce(c.email, o.email) END,
        CASE
            WHEN c.status = 'anonymised' THEN 'anonymised'
            WHEN NOT party.has_consent(c.id, p_purpose, NOT p_needs_consent) THEN 'no_consent'
            WHEN CASE p_channel
                WHEN 'sms' THEN coalesce(c.phone_hash, o.phone_hash) IS NULL
                ELSE coalesce(c.email, o.email) IS NULL
            END THEN 'no_contact'
        END::messaging.suppression
    FROM party.customers AS c
    LEFT JOIN party.customer_contacts AS o
        ON o.tenant_id = c.tenant_id AND o.customer_id = c.id AND o.is_primary
        AND o.channel = CASE p_channel
            WHEN 'sms' THEN 'phone' ELSE 'email'
        END::party.contact_channel
    WHERE c.tenant_id = p_tenant_id AND c.id = p_customer_id;
$$;
COMMENT ON FUNCTION
messaging.find_recipient(integer, uuid, messaging.channel, text, boolean) IS
'The phone number (encrypted, with its hash) or e-mail address at which a customer is reached: the '
'customer''s own, else that of the primary contact; suppressed_for says why nothing may be sent. '
'Internal.';
