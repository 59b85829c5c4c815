-- The store has partitions for this year and, 60 days ahead, the next, and none is in the default
WITH years AS (
    SELECT DISTINCT extract(YEAR FROM d.day AT TIME ZONE 'UTC')::integer AS year
    FROM unnest(ARRAY[now(), now() + interval '60 days']) AS d (day)
)

SELECT
    'events.event_store_' || y.year AS table_name,
    'missing' AS state
FROM years AS y
LEFT JOIN pg_catalog.pg_inherits AS i
    ON
        'events.event_store'::regclass = i.inhparent
        AND to_regclass('events.event_store_' || y.year) = i.inhrelid
WHERE i.inhrelid IS NULL
UNION ALL
SELECT
    'events.event_store_default' AS table_name,
    'has rows' AS state
WHERE EXISTS (SELECT FROM events.event_store_default);
