-- Nothing was inserted into the time that seals cover
WITH covered AS (
    SELECT
        s.tenant_id,
        max(s.complete_before) AS complete_before
    FROM ledger.seals AS s
    GROUP BY s.tenant_id
)

SELECT
    e.tenant_id,
    e.id AS entry_id,
    e.entry_number,
    e.posted_at,
    c.complete_before
FROM covered AS c
INNER JOIN ledger.all_journal_entries AS e
    ON c.tenant_id = e.tenant_id AND c.complete_before > e.posted_at
WHERE NOT EXISTS (
    SELECT FROM ledger.sealed_entries AS s
    WHERE s.tenant_id = e.tenant_id AND s.entry_id = e.id
);
