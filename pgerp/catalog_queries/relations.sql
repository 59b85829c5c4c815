-- Tables, partitioned tables, views and materialized views, sequences that are not a column's
-- identity, composite and foreign tables.
SELECT
    'pg_class'::regclass::oid AS class_id,
    c.oid AS object_id,
    0 AS column_number,
    CASE c.relkind
        WHEN 'v' THEN 'view'
        WHEN 'm' THEN 'materialized view'
        WHEN 'S' THEN 'sequence'
        WHEN 'f' THEN 'foreign table'
        ELSE 'table'
    END || ' ' || c.oid::regclass AS object,
    concat_ws(
        E'\n',
        CASE c.relkind
            WHEN 'p' THEN 'partitioned by ' || pg_get_partkeydef(c.oid)
            WHEN 'f'
                THEN
                    'server ' || (
                        SELECT s.srvname
                        FROM pg_foreign_table AS f
                        INNER JOIN pg_foreign_server AS s ON f.ftserver = s.oid
                        WHERE f.ftrelid = c.oid
                    )
            WHEN 'S'
                THEN (
                    SELECT
                        format(
                            '%s increment %s minimum %s maximum %s start %s cache %s%s%s',
                            format_type(s.seqtypid, NULL),
                            s.seqincrement,
                            s.seqmin,
                            s.seqmax,
                            s.seqstart,
                            s.seqcache,
                            CASE WHEN s.seqcycle THEN ' cycle' END,
                            (
                                SELECT
                                    ' owned by '
                                    || d.refobjid::regclass
                                    || '.'
                                    || quote_ident(a.attname)
                                FROM pg_depend AS d
                                INNER JOIN
                                    pg_attribute AS a
                                    ON d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
                                WHERE
                                    d.classid = 'pg_class'::regclass AND d.objid = c.oid
                                    AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a'
                            )
                        )
                    FROM pg_sequence AS s
                    WHERE s.seqrelid = c.oid
                )
            WHEN 'v' THEN pg_get_viewdef(c.oid)
            WHEN 'm' THEN pg_get_viewdef(c.oid)
        END,
        CASE WHEN c.relispartition THEN (
            SELECT
                'partition of '
                || i.inhparent::regclass
                || ' '
                || pg_get_expr(c.relpartbound, c.oid)
            FROM pg_inherits AS i
            WHERE i.inhrelid = c.oid
        ) ELSE (
            SELECT 'inherits ' || string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno)
            FROM pg_inherits AS i
            WHERE i.inhrelid = c.oid
        ) END,
        CASE c.relpersistence WHEN 'u' THEN 'unlogged' WHEN 't' THEN 'temporary' END,
        CASE WHEN c.reloftype <> 0 THEN 'of type ' || c.reloftype::regtype END,
        (
            SELECT 'access method ' || am.amname FROM pg_am AS am
            WHERE am.oid = c.relam AND c.relkind IN ('r', 'm') AND am.amname <> 'heap'
        ),
        (
            SELECT 'tablespace ' || quote_ident(t.spcname) FROM pg_tablespace AS t
            WHERE t.oid = c.reltablespace
        ),
        'options ' || (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(c.reloptions) AS o),
        CASE WHEN c.relrowsecurity THEN 'row security enabled' END,
        CASE WHEN c.relforcerowsecurity THEN 'row security forced' END,
        CASE c.relreplident
            WHEN 'f' THEN 'replica identity full'
            WHEN 'n' THEN CASE WHEN c.relkind IN ('r', 'p') THEN 'replica identity nothing' END
            WHEN 'i' THEN 'replica identity by index'
        END,
        'owner ' || pg_get_userbyid(c.relowner)
    ) AS definition
FROM pg_class AS c
WHERE
    c.relnamespace IN (SELECT unnest(current_setting('pgerp.schemas')::oid[]))
    AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE
            d.classid = 'pg_class'::regclass AND d.objid = c.oid
            AND (d.deptype = 'e' OR (d.deptype = 'i' AND c.relkind = 'S'))
    )
