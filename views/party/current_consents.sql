-- What each customer agrees to now.
CREATE OR REPLACE VIEW party.current_consents WITH (security_invoker = true) AS
SELECT DISTINCT ON (k.tenant_id, k.customer_id, k.purpose)
    k.tenant_id,
    k.customer_id,
    k.purpose,
    k.decision,
    k.decided_at,
    k.source,
    k.id AS consent_id,
    k.last_modified_at AS updated_at
FROM party.consents AS k
ORDER BY k.tenant_id, k.customer_id, k.purpose, k.decided_at DESC, k.id DESC;
COMMENT ON VIEW party.current_consents IS
'The latest decision of each customer about each purpose; one that a customer was never asked '
'about has no row.';
