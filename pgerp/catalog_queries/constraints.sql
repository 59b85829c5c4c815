-- Constraints of tables and domains, without those that a partition or child only inherits (their
-- parent tells).
-- NOT NULL is told by the column: PostgreSQL 18 alone has constraints for it.
SELECT
    'pg_constraint'::regclass::oid AS class_id,
    k.oid AS object_id,
    0 AS column_number,
    format(
        'constraint %I on %s', k.conname,
        CASE
            WHEN k.conrelid <> 0 THEN k.conrelid::regclass::text ELSE
                'domain ' || k.contypid::regtype
        END
    ) AS object,
    concat_ws(
        E'\n',
        pg_get_constraintdef(k.oid),
        CASE WHEN k.connoinherit AND k.contype = 'c' THEN 'not inherited' END,
        'options ' || (
            SELECT string_agg(o, ', ' ORDER BY o)
            FROM pg_class AS i
            CROSS JOIN unnest(i.reloptions) AS o
            WHERE i.oid = k.conindid AND k.contype <> 'f'
        ),
        (
            SELECT
                nullif(concat_ws(
                    ', ',
                    CASE WHEN i.indisclustered THEN 'clustered' END,
                    CASE WHEN i.indisreplident THEN 'replica identity' END
                ), '')
            FROM pg_index AS i
            WHERE i.indexrelid = k.conindid AND k.contype <> 'f'
        )
    ) AS definition
FROM pg_constraint AS k
WHERE
    k.connamespace IN (SELECT unnest(current_setting('pgerp.schemas')::oid[]))
    AND k.contype IN ('c', 'p', 'u', 'x', 'f')
    AND k.conparentid = 0 AND k.conislocal
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE
            d.deptype = 'e' AND (d.classid, d.objid) IN (
                ('pg_constraint'::regclass, k.oid),
                ('pg_class'::regclass, k.conrelid),
                ('pg_type'::regclass, k.contypid)
            )
    )
