-- Queue many messages, all or none.
CREATE OR REPLACE FUNCTION messaging.queue_messages(
    p_business_code text,
    p_messages jsonb,
    p_tenant_id integer DEFAULT NULL
)
RETURNS TABLE (
    ordinal integer,
    message_id uuid,
    status messaging.message_status,
    is_new boolean
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'messaging.send');
    RETURN QUERY
    SELECT i.*
    FROM messaging.insert_messages(
        p_tenant_id,
        (identity.resolve_business(p_tenant_id, p_business_code)).id,
        p_messages
    ) AS i;
END;
$$;
COMMENT ON FUNCTION messaging.queue_messages(text, jsonb, integer) IS
'Queues messages: [{"customer_id": "…", "template": "loan_reminder", "values": {"name": "Mary"}, '
'"dedup_key": "loan_reminder:…:2026-12-01", "not_before": "2026-12-01T06:00:00Z"}, …]. Instead of '
'customer_id: phone_encrypted with phone_hash, or email, for who is no customer. A row for each: '
'ordinal, the message''s id, its status (queued, or suppressed where consent or contact is '
'missing) and whether it is new; false: the key is there already, with the same customer, template '
'and values. Needs messaging.send. Raises ZI001 to ZI007, ZI009 to ZI011 (token, permission, '
'business), and what messaging.insert_messages does; then none is queued.';
