-- Schemas, rules, extended statistics and default privileges' owners; then what belongs to the
-- whole database.
SELECT
    'pg_namespace'::regclass::oid AS class_id,
    n.oid AS object_id,
    0 AS column_number,
    'schema ' || n.oid::regnamespace AS object,
    'owner ' || pg_get_userbyid(n.nspowner) AS definition
FROM pg_namespace AS n
WHERE
    n.oid IN (SELECT unnest(current_setting('pgerp.schemas')::oid[]))
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e'
    )
UNION ALL
SELECT
    'pg_rewrite'::regclass,
    r.oid,
    0,
    format('rule %I on %s', r.rulename, r.ev_class::regclass),
    concat_ws(
        E'\n',
        pg_get_ruledef(r.oid),
        CASE WHEN r.ev_enabled <> 'O' THEN 'enabled ' || r.ev_enabled::text END
    )
FROM pg_rewrite AS r
INNER JOIN pg_class AS c ON r.ev_class = c.oid
WHERE
    c.relnamespace IN (SELECT unnest(current_setting('pgerp.schemas')::oid[]))
    AND r.rulename <> '_RETURN'
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    )
UNION ALL
SELECT
    'pg_statistic_ext'::regclass,
    s.oid,
    0,
    format('statistics %s.%I', s.stxnamespace::regnamespace, s.stxname),
    concat_ws(E'\n', pg_get_statisticsobjdef(s.oid), 'owner ' || pg_get_userbyid(s.stxowner))
FROM pg_statistic_ext AS s
WHERE s.stxnamespace IN (SELECT unnest(current_setting('pgerp.schemas')::oid[]))
UNION ALL
SELECT
    'pg_extension'::regclass,
    e.oid,
    0,
    format('extension %I', e.extname),
    format('version %s in schema %s', e.extversion, e.extnamespace::regnamespace)
FROM pg_extension AS e
UNION ALL
SELECT
    'pg_event_trigger'::regclass,
    t.oid,
    0,
    format('event trigger %I', t.evtname),
    concat_ws(
        E'\n',
        format('ON %s EXECUTE FUNCTION %s', t.evtevent, t.evtfoid::regprocedure),
        'WHEN TAG IN ('
        || (SELECT string_agg(tag, ', ' ORDER BY tag) FROM unnest(t.evttags) AS tag)
        || ')',
        CASE WHEN t.evtenabled <> 'O' THEN 'enabled ' || t.evtenabled::text END,
        'owner ' || pg_get_userbyid(t.evtowner)
    )
FROM pg_event_trigger AS t
WHERE
    NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_event_trigger'::regclass AND d.objid = t.oid AND d.deptype = 'e'
    )
UNION ALL
SELECT
    'pg_publication'::regclass,
    p.oid,
    0,
    format('publication %I', p.pubname),
    concat_ws(
        E'\n',
        CASE WHEN p.puballtables THEN 'FOR ALL TABLES' END,
        (
            SELECT
                'FOR TABLES IN SCHEMA '
                || string_agg(
                    n.pnnspid::regnamespace::text, ', ' ORDER BY n.pnnspid::regnamespace::text
                )
            FROM pg_publication_namespace AS n
            WHERE n.pnpubid = p.oid
        ),
        (
            SELECT
                string_agg(
                    concat_ws(
                        ' ', 'FOR TABLE', r.prrelid::regclass,
                        '(' || (
                            SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
                            FROM pg_attribute AS a
                            WHERE a.attrelid = r.prrelid AND a.attnum = any(r.prattrs)
                        ) || ')',
                        'WHERE ' || pg_get_expr(r.prqual, r.prrelid)
                    ), E'\n' ORDER BY r.prrelid::regclass::text
                )
            FROM pg_publication_rel AS r
            WHERE r.prpubid = p.oid
        ),
        format(
            'insert %s update %s delete %s truncate %s via root %s',
            p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate, p.pubviaroot
        ),
        'owner ' || pg_get_userbyid(p.pubowner)
    )
FROM pg_publication AS p
UNION ALL
SELECT
    'pg_subscription'::regclass,
    s.oid,
    0,
    format('subscription %I', s.subname),
    format('enabled %s slot %s owner %s', s.subenabled, s.subslotname, pg_get_userbyid(s.subowner))
FROM pg_subscription AS s
WHERE s.subdbid = (
    SELECT d.oid FROM pg_database AS d
    WHERE d.datname = current_database()
)
