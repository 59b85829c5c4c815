-- The seals of a tenant form a chain without gaps, and each has its leaves
WITH seals AS (
    SELECT
        s.*,
        lag(s.seal_no, 1, 0::bigint) OVER w AS seal_before,
        lag(s.last_position, 1, 0::bigint) OVER w AS position_before,
        lag(s.seal_hash, 1, decode(repeat('00', 32), 'hex')) OVER w AS hash_before
    FROM ledger.seals AS s
    WINDOW w AS (PARTITION BY s.tenant_id ORDER BY s.seal_no)
),

leaves AS (
    SELECT
        e.tenant_id,
        e.seal_no,
        count(*) AS entries,
        min(e.leaf_no) AS first_leaf,
        max(e.leaf_no) AS last_leaf
    FROM ledger.sealed_entries AS e
    GROUP BY e.tenant_id, e.seal_no
)

SELECT
    coalesce(s.tenant_id, l.tenant_id) AS tenant_id,
    coalesce(s.seal_no, l.seal_no) AS seal_no,
    CASE
        WHEN s.seal_no IS NULL THEN 'leaves of no seal'
        WHEN s.seal_no <> s.seal_before + 1 THEN 'seals before it are missing'
        WHEN s.first_position <> s.position_before + 1 THEN 'positions do not follow'
        WHEN s.previous_hash <> s.hash_before THEN 'does not name the seal before'
        ELSE 'leaves are missing'
    END AS problem
FROM seals AS s
FULL JOIN leaves AS l ON s.tenant_id = l.tenant_id AND s.seal_no = l.seal_no
WHERE
    s.seal_no IS NULL
    OR s.seal_no <> s.seal_before + 1
    OR s.first_position <> s.position_before + 1
    OR s.previous_hash <> s.hash_before
    OR (1, s.last_position - s.first_position + 1, s.last_position - s.first_position + 1)
    IS DISTINCT FROM (l.first_leaf, l.last_leaf, l.entries);
