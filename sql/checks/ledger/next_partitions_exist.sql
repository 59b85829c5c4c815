-- The journal has partitions for this year and, 60 days ahead, the next, and none is in the default
WITH years AS (
    SELECT DISTINCT extract(YEAR FROM d.day AT TIME ZONE 'UTC')::integer AS year
    FROM unnest(ARRAY[now(), now() + interval '60 days']) AS d (day)
)

SELECT
    p.name || '_' || y.year AS table_name,
    'missing' AS state
FROM years AS y
CROSS JOIN (VALUES ('ledger.journal_entries'), ('ledger.journal_lines')) AS p (name)
LEFT JOIN pg_catalog.pg_inherits AS i
    ON
        p.name::regclass = i.inhparent
        AND to_regclass(p.name || '_' || y.year) = i.inhrelid
WHERE i.inhrelid IS NULL
UNION ALL
SELECT
    'ledger.journal_entries_default' AS table_name,
    'has rows' AS state
WHERE EXISTS (SELECT FROM ledger.journal_entries_default)
UNION ALL
SELECT
    'ledger.journal_lines_default' AS table_name,
    'has rows' AS state
WHERE EXISTS (SELECT FROM ledger.journal_lines_default);
