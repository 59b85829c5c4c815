-- Let services do in a schema what the application may, as far as it is one of their modules.
CREATE OR REPLACE FUNCTION core.grant_services(p_schema text)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_item record;
BEGIN
    FOR v_item IN
        SELECT
            g.kind,
            g.id,
            to_regrole('pgerp_service' || coalesce('_' || s.service, '')) AS role,
            -- A quoted word in small letters is a privilege too.
            lower(g.privilege) AS privilege
        FROM core.services() AS s
        CROSS JOIN core.granted(p_schema) AS g
        LEFT JOIN pg_catalog.pg_proc AS p
            ON g.kind = 'ROUTINE' AND p.oid = g.id AND p.provolatile = 'v'
        WHERE p_schema IN (s.module, s.module || '_archive')
            AND g.grantee = to_regrole('pgerp_app')
            AND (p.oid IS NULL OR p.proname ~ s.writes)
    LOOP
        CASE
            WHEN v_item.kind = 'SCHEMA' THEN
                EXECUTE format(
                    'GRANT %I ON SCHEMA %I TO %s', v_item.privilege, p_schema,
                    v_item.role::regrole
                );
            WHEN v_item.kind = 'TABLE' THEN
                EXECUTE format(
                    'GRANT %I ON %s TO %s', v_item.privilege, v_item.id::regclass,
                    v_item.role::regrole
                );
            WHEN v_item.kind = 'ROUTINE' THEN
                EXECUTE format(
                    'GRANT %I ON ROUTINE %s TO %s', v_item.privilege, v_item.id::regprocedure,
                    v_item.role::regrole
                );
            WHEN v_item.kind = 'TYPE' THEN
                EXECUTE format(
                    'GRANT %I ON TYPE %s TO %s', v_item.privilege, v_item.id::regtype,
                    v_item.role::regrole
                );
        END CASE;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION core.grant_services(text) IS
'Gives the roles pgerp_service_<service> what pgerp_app has in a schema that is a module of theirs '
'(core.services). Raises case_not_found for sequences and single columns, which pgerp_app never '
'needs. Internal: the files in sql/grants end with it.';
