-- Let services do in a schema what the application may, as far as it is one of their modules.
CREATE OR REPLACE FUNCTION core.grant_services(p_schema text)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_schema oid := p_schema::regnamespace;
    v_item record;
BEGIN
    FOR v_item IN
        SELECT format('GRANT %s ON %s %s TO %I', a.privilege_type, o.kind, o.name, m.role)
            AS command
        FROM (
            SELECT
                'pgerp_service' || coalesce('_' || s.service, '') AS role,
                s.writes
            FROM core.services() AS s
            WHERE p_schema IN (s.module, s.module || '_archive')
        ) AS m
        CROSS JOIN (
            SELECT
                'SCHEMA' AS kind,
                quote_ident(n.nspname) AS name,
                n.nspacl AS acl,
                NULL AS writing
            FROM pg_catalog.pg_namespace AS n
            WHERE n.oid = v_schema
            UNION ALL
            SELECT
                'TABLE',
                c.oid::regclass::text,
                c.relacl,
                NULL
            FROM pg_catalog.pg_class AS c
            WHERE c.relnamespace = v_schema AND c.relkind IN ('r', 'p', 'v', 'm')
            UNION ALL
            SELECT
                'ROUTINE',
                p.oid::regprocedure::text,
                p.proacl,
                CASE WHEN p.provolatile = 'v' THEN p.proname::text END
            FROM pg_catalog.pg_proc AS p
            WHERE p.pronamespace = v_schema
            UNION ALL
            SELECT
                CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END,
                t.oid::regtype::text,
                t.typacl,
                NULL
            FROM pg_catalog.pg_type AS t
            WHERE t.typnamespace = v_schema
        ) AS o
        CROSS JOIN LATERAL aclexplode(o.acl) AS a
        WHERE a.grantee = to_regrole('pgerp_app')
            AND (o.writing IS NULL OR o.writing ~ m.writes)
    LOOP
        EXECUTE format('%s', v_item.command);
    END LOOP;
END;
$$;
COMMENT ON FUNCTION core.grant_services(text) IS
'Gives the roles pgerp_service_<service> what pgerp_app has in a schema that is a module of theirs '
'(core.services). Internal: the files in sql/grants end with it.';
