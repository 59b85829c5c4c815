-- Templates of SMS under usual names.
CREATE OR REPLACE VIEW messaging.sms_templates WITH (security_invoker = true) AS
SELECT
    t.tenant_id,
    t.id,
    t.code AS name,
    t.language,
    t.body AS message,
    messaging.placeholders(t.body) AS placeholders,
    t.purpose,
    t.is_active,
    t.version,
    t.created_at,
    t.last_modified_at AS updated_at
FROM messaging.templates AS t
WHERE t.channel = 'sms';
COMMENT ON VIEW messaging.sms_templates IS
'messaging.templates of the channel sms, with the names of their placeholders.';
