-- What services may: what pgerp_app may, in their modules (core.services). After privileges.sql,
-- which takes everything from everybody first.
-- reapply: migrations
DO $do$
DECLARE
    v_item record;
BEGIN
    FOR v_item IN
        WITH modules AS (
            SELECT
                'pgerp_service' || coalesce('_' || s.service, '') AS role,
                to_regnamespace(n.name) AS schema,
                s.writes
            FROM core.services() AS s
            CROSS JOIN LATERAL (VALUES (s.module), (s.module || '_archive')) AS n (name)
        ),
        objects AS (
            SELECT
                'SCHEMA' AS kind,
                n.oid AS schema,
                quote_ident(n.nspname) AS name,
                n.nspacl AS acl,
                NULL AS writing
            FROM pg_namespace AS n
            UNION ALL
            SELECT
                'TABLE',
                c.relnamespace,
                c.oid::regclass::text,
                c.relacl,
                NULL
            FROM pg_class AS c
            WHERE c.relkind IN ('r', 'p', 'v', 'm')
            UNION ALL
            SELECT
                'ROUTINE',
                p.pronamespace,
                p.oid::regprocedure::text,
                p.proacl,
                CASE WHEN p.provolatile = 'v' THEN p.proname::text END
            FROM pg_proc AS p
            UNION ALL
            SELECT
                CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END,
                t.typnamespace,
                t.oid::regtype::text,
                t.typacl,
                NULL
            FROM pg_type AS t
        )
        SELECT format(
            'GRANT %s ON %s %s TO %I', a.privilege_type, o.kind, o.name, m.role
        ) AS command
        FROM modules AS m
        INNER JOIN objects AS o ON o.schema = m.schema
        CROSS JOIN LATERAL aclexplode(o.acl) AS a
        WHERE a.grantee = to_regrole('pgerp_app')
            AND (o.writing IS NULL OR o.writing ~ m.writes)
    LOOP
        EXECUTE v_item.command;
    END LOOP;
END;
$do$;
