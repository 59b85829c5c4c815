-- The log has partitions for this year and, 60 days ahead, the next, and none is in the default
WITH years AS (
    SELECT DISTINCT extract(YEAR FROM d.day AT TIME ZONE 'UTC')::integer AS year
    FROM unnest(ARRAY[now(), now() + interval '60 days']) AS d (day)
)

SELECT
    'audit.log_' || y.year AS table_name,
    'missing' AS state
FROM years AS y
LEFT JOIN pg_catalog.pg_inherits AS i
    ON
        'audit.log'::regclass = i.inhparent
        AND to_regclass('audit.log_' || y.year) = i.inhrelid
WHERE i.inhrelid IS NULL
UNION ALL
SELECT
    'audit.log_default' AS table_name,
    'has rows' AS state
WHERE EXISTS (SELECT FROM audit.log_default);
