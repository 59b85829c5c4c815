-- Take everything in a schema from everybody, and give back what all have by default.
CREATE OR REPLACE FUNCTION core.reset_privileges(
    p_schema text,
    p_hidden text[] DEFAULT '{}',
    p_readers text DEFAULT 'pgerp_app, pgerp_readonly, pgerp_auditor'
)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_schema oid := p_schema::regnamespace;
    v_item record;
    -- Roles of services that are gone included.
    v_everybody text := (
        SELECT 'PUBLIC, ' || string_agg(quote_ident(r.rolname), ', ' ORDER BY r.rolname)
        FROM pg_catalog.pg_roles AS r
        WHERE r.rolname ~ '^pgerp_' AND r.rolname NOT IN ('pgerp_owner', 'pgerp_migrator')
    );
BEGIN
    FOR v_item IN
        SELECT format('REVOKE ALL ON %s %s FROM %s', o.kind, o.name, v_everybody) AS command
        FROM (
            SELECT
                'SCHEMA' AS kind,
                quote_ident(p_schema) AS name
            UNION ALL
            SELECT
                CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
                c.oid::regclass::text
            FROM pg_catalog.pg_class AS c
            WHERE c.relnamespace = v_schema AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
            UNION ALL
            SELECT
                'ROUTINE',
                p.oid::regprocedure::text
            FROM pg_catalog.pg_proc AS p
            WHERE p.pronamespace = v_schema
            UNION ALL
            SELECT
                CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END,
                t.oid::regtype::text
            FROM pg_catalog.pg_type AS t
            LEFT JOIN pg_catalog.pg_class AS r ON r.oid = t.typrelid
            WHERE t.typnamespace = v_schema
                AND (t.typtype IN ('d', 'e') OR (t.typtype = 'c' AND r.relkind = 'c'))
        ) AS o
        UNION ALL
        SELECT format(
            'GRANT USAGE ON SCHEMA %I TO pgerp_app, pgerp_readonly, pgerp_auditor, pgerp_backup',
            p_schema
        )
        UNION ALL
        SELECT format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO pgerp_backup', p_schema)
        UNION ALL
        SELECT format('GRANT SELECT ON ALL SEQUENCES IN SCHEMA %I TO pgerp_backup', p_schema)
        UNION ALL
        -- Tables and views; partitions never: they would bypass the policies of their parent.
        SELECT format('GRANT SELECT ON %s TO %s', c.oid::regclass, p_readers)
        FROM pg_catalog.pg_class AS c
        WHERE c.relnamespace = v_schema
            AND c.relkind IN ('r', 'p', 'v')
            AND NOT c.relispartition
            AND c.relname <> ALL (p_hidden)
            AND p_readers IS NOT NULL
        UNION ALL
        SELECT format(
            'GRANT USAGE ON %s %s TO pgerp_app, pgerp_readonly, pgerp_auditor',
            CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, t.oid::regtype
        )
        FROM pg_catalog.pg_type AS t
        WHERE t.typnamespace = v_schema AND t.typtype IN ('d', 'e')
    LOOP
        EXECUTE format('%s', v_item.command);
    END LOOP;
END;
$$;
COMMENT ON FUNCTION core.reset_privileges(text, text[], text) IS
'Takes everything in a schema from PUBLIC and from every role of pgerp but its owner, and gives '
'what all have by default: p_readers (NULL: nobody) read its tables and views but for p_hidden and '
'partitions; clients may use its types; pgerp_backup dumps it. Internal: the files in sql/grants '
'begin with it.';
