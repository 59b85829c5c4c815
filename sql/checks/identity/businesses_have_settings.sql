-- Every business has its settings
SELECT
    b.tenant_id,
    b.code
FROM identity.businesses AS b
LEFT JOIN identity.business_settings AS s ON b.tenant_id = s.tenant_id AND b.id = s.business_id
WHERE s.business_id IS NULL;
