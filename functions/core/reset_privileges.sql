-- Take everything in a schema from everybody, and give back what all have by default.
CREATE OR REPLACE FUNCTION core.reset_privileges(
    p_schema text,
    p_hidden text[] DEFAULT '{}',
    p_is_readable boolean DEFAULT true
)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_item record;
BEGIN
    EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC', p_schema);
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM PUBLIC', p_schema);
    EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA %I FROM PUBLIC', p_schema);
    EXECUTE format('REVOKE ALL ON ALL ROUTINES IN SCHEMA %I FROM PUBLIC', p_schema);
    FOR v_item IN
        SELECT DISTINCT
            g.kind,
            g.id,
            -- Roles of services that are gone included.
            r.oid AS role
        FROM core.granted(p_schema) AS g
        LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = g.grantee
        WHERE (r.rolname ~ '^pgerp_' AND r.rolname NOT IN ('pgerp_owner', 'pgerp_migrator'))
            OR (g.kind = 'TYPE' AND g.grantee = 0)
    LOOP
        CASE
            WHEN v_item.kind = 'SCHEMA' THEN
                EXECUTE format('REVOKE ALL ON SCHEMA %I FROM %s', p_schema, v_item.role::regrole);
            WHEN v_item.kind IN ('TABLE', 'COLUMN') THEN
                EXECUTE format(
                    'REVOKE ALL ON %s FROM %s', v_item.id::regclass, v_item.role::regrole
                );
            WHEN v_item.kind = 'SEQUENCE' THEN
                EXECUTE format(
                    'REVOKE ALL ON SEQUENCE %s FROM %s', v_item.id::regclass, v_item.role::regrole
                );
            WHEN v_item.kind = 'ROUTINE' THEN
                EXECUTE format(
                    'REVOKE ALL ON ROUTINE %s FROM %s', v_item.id::regprocedure,
                    v_item.role::regrole
                );
            WHEN v_item.role IS NULL THEN
                EXECUTE format('REVOKE ALL ON TYPE %s FROM PUBLIC', v_item.id::regtype);
            ELSE
                EXECUTE format(
                    'REVOKE ALL ON TYPE %s FROM %s', v_item.id::regtype, v_item.role::regrole
                );
        END CASE;
    END LOOP;
    EXECUTE format(
        'GRANT USAGE ON SCHEMA %I TO pgerp_app, pgerp_readonly, pgerp_auditor, pgerp_backup',
        p_schema
    );
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO pgerp_backup', p_schema);
    EXECUTE format('GRANT SELECT ON ALL SEQUENCES IN SCHEMA %I TO pgerp_backup', p_schema);
    FOR v_item IN
        -- Tables and views; partitions never: they would bypass the policies of their parent.
        SELECT c.oid AS id
        FROM pg_catalog.pg_class AS c
        WHERE c.relnamespace = p_schema::regnamespace
            AND c.relkind IN ('r', 'p', 'v')
            AND NOT c.relispartition
            AND c.relname <> ALL (p_hidden)
            AND p_is_readable
    LOOP
        EXECUTE format(
            'GRANT SELECT ON %s TO pgerp_app, pgerp_readonly, pgerp_auditor',
            v_item.id::regclass
        );
    END LOOP;
    FOR v_item IN
        SELECT t.oid AS id
        FROM pg_catalog.pg_type AS t
        WHERE t.typnamespace = p_schema::regnamespace AND t.typtype IN ('d', 'e')
    LOOP
        EXECUTE format(
            'GRANT USAGE ON TYPE %s TO pgerp_app, pgerp_readonly, pgerp_auditor',
            v_item.id::regtype
        );
    END LOOP;
END;
$$;
COMMENT ON FUNCTION core.reset_privileges(text, text[], boolean) IS
'Takes everything in a schema from PUBLIC and from every role of pgerp but its owner, and gives '
'what all have by default: clients read its tables and views (unless p_is_readable is false) but '
'for p_hidden and partitions, and may use its types; pgerp_backup dumps it. Internal: the files in '
'sql/grants begin with it.';
