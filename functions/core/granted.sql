-- Who has what in a schema.
CREATE OR REPLACE FUNCTION core.granted(p_schema text)
RETURNS TABLE (kind text, id oid, grantee oid, privilege text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH objects AS (
        SELECT
            'SCHEMA' AS kind,
            n.oid AS id,
            n.nspacl AS acl
        FROM pg_catalog.pg_namespace AS n
        WHERE n.oid = p_schema::regnamespace
        UNION ALL
        SELECT
            CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
            c.oid,
            c.relacl
        FROM pg_catalog.pg_class AS c
        WHERE c.relnamespace = p_schema::regnamespace
            AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        UNION ALL
        SELECT
            'COLUMN',
            c.oid,
            a.attacl
        FROM pg_catalog.pg_class AS c
        INNER JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
        WHERE c.relnamespace = p_schema::regnamespace AND a.attacl IS NOT NULL
        UNION ALL
        SELECT
            'ROUTINE',
            p.oid,
            coalesce(p.proacl, acldefault('f', p.proowner))
        FROM pg_catalog.pg_proc AS p
        WHERE p.pronamespace = p_schema::regnamespace
        UNION ALL
        SELECT
            'TYPE',
            t.oid,
            coalesce(t.typacl, acldefault('T', t.typowner))
        FROM pg_catalog.pg_type AS t
        LEFT JOIN pg_catalog.pg_class AS r ON r.oid = t.typrelid
        WHERE t.typnamespace = p_schema::regnamespace
            AND (t.typtype IN ('d', 'e') OR (t.typtype = 'c' AND r.relkind = 'c'))
    )

    SELECT
        o.kind,
        o.id,
        a.grantee,
        a.privilege_type
    FROM objects AS o
    CROSS JOIN LATERAL aclexplode(o.acl) AS a;
$$;
COMMENT ON FUNCTION core.granted(text) IS
'Every privilege in a schema, defaults included, one a row: kind (SCHEMA, TABLE, which views are '
'too, COLUMN, SEQUENCE, ROUTINE, TYPE, which domains are too), id of the object (of a COLUMN: of '
'its table), grantee (0: PUBLIC) and privilege. Internal: for core.reset_privileges and '
'core.grant_services.';
