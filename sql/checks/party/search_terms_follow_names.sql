-- What customers are found by is what their rows say, no less and no more
WITH wanted AS (
    SELECT
        c.tenant_id,
        c.id AS customer_id,
        s.term COLLATE "C" AS term  -- noqa: RF02
    FROM party.customers AS c
    CROSS JOIN LATERAL party.search_terms(c) AS s (term)
)

SELECT
    coalesce(w.tenant_id, t.tenant_id) AS tenant_id,
    coalesce(w.customer_id, t.customer_id) AS customer_id,
    CASE WHEN t.term IS NULL THEN 'missing' ELSE 'left over' END AS state
FROM wanted AS w
FULL JOIN party.customer_terms AS t
    ON w.tenant_id = t.tenant_id AND w.customer_id = t.customer_id AND w.term = t.term
WHERE w.term IS NULL OR t.term IS NULL;
