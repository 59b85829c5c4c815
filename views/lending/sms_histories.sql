-- requires: messaging.sms_histories
-- SMS under the name that a loan system knows.
CREATE OR REPLACE VIEW lending.sms_histories WITH (security_invoker = true) AS
SELECT
    h.tenant_id,
    h.id,
    h.business_id,
    h.customer_id,
    h.customer_no,
    h.recipient,
    h.phone_encrypted,
    h.phone_hash,
    h.message,
    h.status,
    h.sent_at,
    h.delivered_at,
    h.template,
    h.language,
    h.created_at
FROM messaging.sms_histories AS h;
COMMENT ON VIEW lending.sms_histories IS
'messaging.sms_histories, by this name too: messages of every module, not only of lending.';
