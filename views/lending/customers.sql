-- requires: party.customer_details
-- Customers under the names that a loan system knows.
CREATE OR REPLACE VIEW lending.customers WITH (security_invoker = true) AS
SELECT
    c.tenant_id,
    c.id,
    c.customer_no,
    c.kind,
    c.name,
    c.first_name,
    c.last_name,
    c.organisation_name,
    c.email,
    c.phone_encrypted,
    c.phone_hash,
    c.address,
    c.identity_document_type,
    c.identity_document_number_encrypted,
    c.identity_document_number_hash,
    c.birth_date,
    c.locale,
    c.status,
    c.created_at,
    c.created_by,
    c.updated_at AS last_modified_at,
    c.updated_by AS last_modified_by
FROM party.customer_details AS c;
COMMENT ON VIEW lending.customers IS
'party.customer_details: all customers of the tenant, borrowers or not. Phone and number of the '
'identity document are encrypted.';
