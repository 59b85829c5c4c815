-- SMS under usual names.
CREATE OR REPLACE VIEW messaging.sms_histories WITH (security_invoker = true) AS
SELECT
    m.tenant_id,
    m.id,
    m.business_id,
    m.customer_id,
    c.customer_no,
    coalesce(c.display_name, 'no customer') AS recipient,
    m.phone_encrypted,
    m.phone_hash,
    m.body AS message,
    m.segments,
    m.status,
    m.suppressed_for,
    m.sent_at,
    m.delivered_at,
    t.code AS template,
    t.language,
    m.attempts,
    m.last_error,
    m.created_at
FROM messaging.messages AS m
INNER JOIN messaging.templates AS t
    ON m.tenant_id = t.tenant_id AND m.template_id = t.id
LEFT JOIN party.customers AS c
    ON m.tenant_id = c.tenant_id AND m.customer_id = c.id
WHERE m.channel = 'sms';
COMMENT ON VIEW messaging.sms_histories IS
'messaging.messages of the channel sms: to whom, what, by which template, what became of it and '
'when. The phone number is encrypted; recipient is the customer''s name.';
