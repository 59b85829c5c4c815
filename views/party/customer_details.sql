-- Customers with their first address and identity document, under usual names.
CREATE OR REPLACE VIEW party.customer_details WITH (security_invoker = true) AS
SELECT
    c.tenant_id,
    c.id,
    c.customer_no,
    c.kind,
    c.display_name AS name,
    c.given_name AS first_name,
    c.family_name AS last_name,
    c.organisation_name,
    c.email,
    c.phone_encrypted,
    c.phone_hash,
    concat_ws(', ', a.line_1, a.line_2, concat_ws(' ', a.postal_code, a.city), a.country_code)
        AS address,
    d.document_type AS identity_document_type,
    d.number_encrypted AS identity_document_number_encrypted,
    d.number_hash AS identity_document_number_hash,
    c.birth_date,
    c.locale,
    c.status,
    c.version,
    c.created_at,
    c.created_by,
    c.last_modified_at AS updated_at,
    c.last_modified_by AS updated_by
FROM party.customers AS c
LEFT JOIN party.customer_addresses AS a
    ON c.tenant_id = a.tenant_id AND c.id = a.customer_id AND a.is_primary
LEFT JOIN party.identity_documents AS d
    ON c.tenant_id = d.tenant_id AND c.id = d.customer_id AND d.is_primary;
COMMENT ON VIEW party.customer_details IS
'party.customers under usual names, with the primary address in one text and the primary identity '
'document; phone and number encrypted. address is empty where there is none.';
