-- requires: messaging.sms_templates
-- Templates of SMS under the name that a loan system knows.
CREATE OR REPLACE VIEW lending.sms_templates WITH (security_invoker = true) AS
SELECT
    t.tenant_id,
    t.id,
    t.name,
    t.language,
    t.message,
    t.placeholders,
    t.purpose,
    t.is_active,
    t.created_at,
    t.updated_at AS last_modified_at
FROM messaging.sms_templates AS t;
COMMENT ON VIEW lending.sms_templates IS 'messaging.sms_templates, by this name too.';
