-- Triggers of tables and views, without the internal ones of constraints and the copies that
-- partitions get from their parent.
SELECT
    'pg_trigger'::regclass::oid AS class_id,
    t.oid AS object_id,
    0 AS column_number,
    format('trigger %I on %s', t.tgname, t.tgrelid::regclass) AS object,
    concat_ws(
        E'\n',
        pg_get_triggerdef(t.oid),
        CASE t.tgenabled
            WHEN 'D' THEN 'disabled' WHEN 'A' THEN 'enabled always' WHEN
                'R'
                THEN 'enabled on replicas'
        END
    ) AS definition
FROM pg_trigger AS t
INNER JOIN pg_class AS c ON t.tgrelid = c.oid
WHERE
    c.relnamespace IN (SELECT unnest(current_setting('pgerp.schemas')::oid[]))
    AND NOT t.tgisinternal
    AND t.tgparentid = 0
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    )
