-- Queue a message to a customer.
CREATE OR REPLACE FUNCTION messaging.queue_message(
    p_business_code text,
    p_customer_id uuid,
    p_template_code text,
    p_values jsonb DEFAULT '{}',
    p_dedup_key text DEFAULT NULL,
    p_not_before timestamptz DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_id uuid;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'messaging.send');
    SELECT i.message_id INTO v_id
    FROM messaging.insert_messages(
        p_tenant_id,
        (identity.resolve_business(p_tenant_id, p_business_code)).id,
        jsonb_build_array(jsonb_build_object(
            'customer_id', p_customer_id,
            'template', p_template_code,
            'values', p_values,
            'dedup_key', p_dedup_key,
            'not_before', p_not_before
        ))
    ) AS i;
    RETURN v_id;
END;
$$;
COMMENT ON FUNCTION
messaging.queue_message(text, uuid, text, jsonb, text, timestamptz, integer) IS
'Queues a message to a customer, in the customer''s language or else the business''s, and returns '
'its id; that of the message that has p_dedup_key already, if it is the same. Its status says '
'whether it is suppressed, for want of consent or contact. p_values: for the placeholders; '
'p_not_before: not to be sent earlier. Needs messaging.send. Raises ZI001 to ZI007, ZI009 to ZI011 '
'(token, permission, business), ZM001, ZM003 to ZM005, ZT001, ZT002 (see '
'messaging.insert_messages).';
