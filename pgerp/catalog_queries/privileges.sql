-- Who may do what on each object (PostgreSQL's own defaults included, so that a revoked one
-- shows), and default privileges.
WITH acls AS (
    SELECT
        'pg_class'::regclass::oid AS class_id,
        oid AS object_id,
        0 AS column_number,
        NULL AS object,
        coalesce(
            relacl,
            CASE relkind WHEN 'S' THEN acldefault('s', relowner) ELSE acldefault('r', relowner) END
        ) AS acl
    FROM pg_class
    WHERE
        relnamespace IN (SELECT unnest(current_setting('pgerp.schemas')::oid[]))
        AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    UNION ALL
    SELECT
        'pg_class'::regclass,
        a.attrelid,
        a.attnum,
        NULL,
        a.attacl
    FROM pg_attribute AS a
    INNER JOIN pg_class AS c ON a.attrelid = c.oid
    WHERE
        c.relnamespace IN (SELECT unnest(current_setting('pgerp.schemas')::oid[]))
        AND a.attacl IS NOT NULL
        AND NOT a.attisdropped
    UNION ALL
    SELECT
        'pg_proc'::regclass,
        oid,
        0,
        NULL,
        coalesce(proacl, acldefault('f', proowner))
    FROM pg_proc
    WHERE pronamespace IN (SELECT unnest(current_setting('pgerp.schemas')::oid[]))
    UNION ALL
    SELECT
        'pg_type'::regclass,
        oid,
        0,
        NULL,
        coalesce(typacl, acldefault('T', typowner))
    FROM pg_type
    WHERE typnamespace IN (SELECT unnest(current_setting('pgerp.schemas')::oid[]))
    UNION ALL
    SELECT
        'pg_namespace'::regclass,
        oid,
        0,
        NULL,
        coalesce(nspacl, acldefault('n', nspowner))
    FROM pg_namespace
    WHERE oid IN (SELECT unnest(current_setting('pgerp.schemas')::oid[]))
    UNION ALL
    SELECT
        0,
        oid,
        0,
        concat_ws(
            ' ', 'default privileges of', quote_ident(pg_get_userbyid(defaclrole)),
            'in schema ' || nullif(defaclnamespace, 0)::regnamespace, 'on',
            CASE defaclobjtype
                WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' WHEN
                    'T'
                    THEN 'types'
                WHEN 'n' THEN 'schemas' WHEN 'L' THEN 'large objects'
            END
        ),
        defaclacl
    FROM pg_default_acl
    WHERE
        defaclnamespace IN (SELECT unnest(current_setting('pgerp.schemas')::oid[]))
        OR (
            defaclnamespace = 0
            AND defaclrole IN (
                SELECT nspowner FROM pg_namespace
                WHERE oid IN (SELECT unnest(current_setting('pgerp.schemas')::oid[]))
            )
        )
),

grants AS (
    SELECT
        g.class_id,
        g.object_id,
        g.column_number,
        g.object,
        CASE WHEN e.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(e.grantee)) END
            AS grantee,
        string_agg(
            DISTINCT e.privilege_type
            || CASE WHEN e.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END,
            ', '
        ) AS privileges
    FROM acls AS g LEFT JOIN LATERAL aclexplode(g.acl) AS e ON TRUE
    GROUP BY 1, 2, 3, 4, 5
)

SELECT
    class_id,
    object_id,
    column_number,
    object,
    coalesce(string_agg(grantee || ': ' || privileges, E'\n' ORDER BY grantee), 'nobody')
        AS definition
FROM grants
GROUP BY 1, 2, 3, 4
