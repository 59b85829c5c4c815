-- Indexes that no constraint owns, without the parts on partitions of an index on the partitioned
-- table.
SELECT
    'pg_class'::regclass::oid AS class_id,
    c.oid AS object_id,
    0 AS column_number,
    format('index %I on %s', c.relname, i.indrelid::regclass) AS object,
    concat_ws(
        E'\n',
        pg_get_indexdef(c.oid),
        CASE WHEN NOT i.indisvalid THEN 'invalid' END,
        CASE WHEN i.indisclustered THEN 'clustered' END,
        CASE WHEN i.indisreplident THEN 'replica identity' END,
        (
            SELECT 'tablespace ' || quote_ident(t.spcname) FROM pg_tablespace AS t
            WHERE t.oid = c.reltablespace
        ),
        (
            SELECT
                'statistics '
                || string_agg(a.attnum || ':' || a.attstattarget, ', ' ORDER BY a.attnum)
            FROM pg_attribute AS a
            WHERE a.attrelid = c.oid AND a.attstattarget >= 0
        )
    ) AS definition
FROM pg_index AS i
INNER JOIN pg_class AS c ON i.indexrelid = c.oid
WHERE
    c.relnamespace IN (SELECT unnest(current_setting('pgerp.schemas')::oid[]))
    AND NOT c.relispartition
    AND NOT EXISTS (
        SELECT FROM pg_constraint AS k
        WHERE k.conindid = c.oid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
    )
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE
            d.classid = 'pg_class'::regclass AND d.objid IN (c.oid, i.indrelid) AND d.deptype = 'e'
    )
