-- Transactions and movements have partitions for this year and, 60 days ahead, the next
WITH tables AS (
    SELECT
        t.name,
        t.name::regclass AS relid
    FROM (VALUES ('lending.transactions'), ('lending.movements')) AS t (name)
),

years AS (
    SELECT DISTINCT extract(YEAR FROM d.day AT TIME ZONE 'UTC')::integer AS year
    FROM unnest(ARRAY[now(), now() + interval '60 days']) AS d (day)
)

SELECT
    t.name || '_' || y.year AS table_name,
    'missing' AS state
FROM tables AS t
CROSS JOIN years AS y
LEFT JOIN pg_catalog.pg_inherits AS i
    ON
        t.relid = i.inhparent
        AND to_regclass(t.name || '_' || y.year) = i.inhrelid
WHERE i.inhrelid IS NULL
UNION ALL
SELECT
    'lending.transactions_default' AS table_name,
    'has rows' AS state
WHERE EXISTS (SELECT FROM lending.transactions_default)
UNION ALL
SELECT
    'lending.movements_default' AS table_name,
    'has rows' AS state
WHERE EXISTS (SELECT FROM lending.movements_default);
