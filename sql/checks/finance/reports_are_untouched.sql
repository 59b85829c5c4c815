-- Stored reports say what they said when they were stored
SELECT
    r.tenant_id,
    r.id AS report_id,
    r.kind,
    r.created_at,
    r.last_modified_at
FROM finance.financial_reports AS r
WHERE
    r.content_sha256 <> sha256(convert_to(r.content::text, 'UTF8'))
    OR r.last_modified_at <> r.created_at;
