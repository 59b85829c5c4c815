-- No business has a number that its counter has not given
SELECT
    b.tenant_id,
    b.id AS business_id,
    c.last_number
FROM identity.businesses AS b
LEFT JOIN core.document_counters AS c
    ON b.tenant_id = c.tenant_id AND c.business_id = 0 AND c.series = 'business'
WHERE b.id > coalesce(c.last_number, 0);
