-- Functions, procedures and aggregates.
SELECT
    'pg_proc'::regclass::oid AS class_id,
    p.oid AS object_id,
    0 AS column_number,
    CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END
    || ' ' || p.oid::regprocedure AS object,
    concat_ws(
        E'\n',
        CASE WHEN p.prokind = 'a' THEN (
            SELECT
                format(
                    E'(%s) RETURNS %s\nsfunc %s stype %s space %s final %s %s '
                    'combine %s serial %s deserial %s initial %s\n'
                    'moving: sfunc %s inverse %s stype %s space %s final %s %s initial %s\n'
                    'kind %s direct %s sort operator %s parallel %s',
                    pg_get_function_arguments(p.oid), pg_get_function_result(p.oid),
                    a.aggtransfn::regprocedure,
                    a.aggtranstype::regtype,
                    a.aggtransspace,
                    a.aggfinalfn::regproc,
                    concat(a.aggfinalextra, a.aggfinalmodify),
                    a.aggcombinefn::regproc,
                    a.aggserialfn::regproc,
                    a.aggdeserialfn::regproc, coalesce(quote_literal(a.agginitval), 'NULL'),
                    a.aggmtransfn::regproc,
                    a.aggminvtransfn::regproc,
                    a.aggmtranstype::regtype,
                    a.aggmtransspace,
                    a.aggmfinalfn::regproc, concat(a.aggmfinalextra, a.aggmfinalmodify),
                    coalesce(quote_literal(a.aggminitval), 'NULL'),
                    a.aggkind,
                    a.aggnumdirectargs,
                    a.aggsortop::regoperator,
                    p.proparallel
                )
            FROM pg_aggregate AS a
            WHERE a.aggfnoid = p.oid
        ) ELSE rtrim(pg_get_functiondef(p.oid), E'\n') END,
        'owner ' || pg_get_userbyid(p.proowner)
    ) AS definition
FROM pg_proc AS p
WHERE
    p.pronamespace IN (SELECT unnest(current_setting('pgerp.schemas')::oid[]))
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE
            d.classid = 'pg_proc'::regclass
            AND d.objid = p.oid
            AND (d.deptype = 'e' OR d.deptype = 'i')
    )
