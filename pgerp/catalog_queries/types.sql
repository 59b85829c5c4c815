-- Enums, domains, composite types, ranges and base types. Constraints of domains are items of
-- their own.
SELECT
    'pg_type'::regclass::oid AS class_id,
    t.oid AS object_id,
    0 AS column_number,
    CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range' ELSE 'type' END
    || ' ' || t.oid::regtype AS object,
    concat_ws(
        E'\n',
        CASE t.typtype
            WHEN 'e'
                THEN (
                    SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
                    FROM pg_enum AS e
                    WHERE e.enumtypid = t.oid
                )
            WHEN 'd'
                THEN
                    concat_ws(
                        ' ',
                        format_type(t.typbasetype, t.typtypmod),
                        CASE
                            WHEN t.typcollation <> b.typcollation
                                THEN
                                    'COLLATE ' || (
                                        SELECT l.oid::regcollation::text FROM pg_collation AS l
                                        WHERE l.oid = t.typcollation
                                    )
                        END,
                        'DEFAULT ' || pg_get_expr(t.typdefaultbin, 0),
                        CASE WHEN t.typnotnull THEN 'NOT NULL' END
                    )
            WHEN 'c'
                THEN (
                    SELECT
                        string_agg(concat_ws(
                            ' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
                            CASE
                                WHEN a.attcollation NOT IN (0, y.typcollation)
                                    THEN
                                        'COLLATE ' || (
                                            SELECT l.oid::regcollation::text FROM pg_collation AS l
                                            WHERE l.oid = a.attcollation
                                        )
                            END
                        ), E',\n' ORDER BY a.attnum)
                    FROM pg_attribute AS a INNER JOIN pg_type AS y ON a.atttypid = y.oid
                    WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
                )
            WHEN 'r'
                THEN (
                    SELECT
                        format(
                            'of %s collation %s operator class %s canonical %s '
                            'difference %s multirange %s',
                            r.rngsubtype::regtype,
                            r.rngcollation::regcollation,
                            (
                                SELECT o.opcname FROM pg_opclass AS o
                                WHERE o.oid = r.rngsubopc
                            ),
                            r.rngcanonical, r.rngsubdiff, r.rngmultitypid::regtype
                        )
                    FROM pg_range AS r
                    WHERE r.rngtypid = t.oid
                )
            ELSE
                format(
                    'base type input %s output %s length %s align %s storage %s',
                    t.typinput,
                    t.typoutput,
                    t.typlen,
                    t.typalign,
                    t.typstorage
                )
        END,
        'owner ' || pg_get_userbyid(t.typowner)
    ) AS definition
FROM pg_type AS t
LEFT JOIN pg_type AS b ON t.typbasetype = b.oid
WHERE
    t.typnamespace IN (SELECT unnest(current_setting('pgerp.schemas')::oid[]))
    AND t.typtype IN ('e', 'd', 'c', 'r', 'b')
    AND (t.typtype <> 'c' OR (
        SELECT c.relkind FROM pg_class AS c
        WHERE c.oid = t.typrelid
    ) = 'c')
    AND NOT (t.typtype = 'b' AND t.typelem <> 0)
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e'
    )
