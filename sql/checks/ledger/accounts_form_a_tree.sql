-- Every account hangs under a root, none under itself, and nothing shared under one business's own
WITH RECURSIVE reached AS (
    SELECT
        a.tenant_id,
        a.id
    FROM ledger.accounts AS a
    WHERE a.parent_id IS NULL
    UNION
    SELECT
        a.tenant_id,
        a.id
    FROM reached AS r
    INNER JOIN ledger.accounts AS a ON r.tenant_id = a.tenant_id AND r.id = a.parent_id
)

SELECT
    a.tenant_id,
    a.code,
    p.code AS parent_code
FROM ledger.accounts AS a
INNER JOIN ledger.accounts AS p ON a.tenant_id = p.tenant_id AND a.parent_id = p.id
LEFT JOIN reached AS r ON a.tenant_id = r.tenant_id AND a.id = r.id
WHERE
    r.id IS NULL
    OR (p.business_id IS NOT NULL AND p.business_id IS DISTINCT FROM a.business_id);
