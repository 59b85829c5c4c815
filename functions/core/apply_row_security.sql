-- Row security for every table with a tenant: enabled, forced, and one pair of policies.
CREATE OR REPLACE FUNCTION core.apply_row_security()
RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_table record;
    v_client text;
    v_owner text;
    v_count integer := 0;
    -- Citus cannot plan a sub-select in a policy; elsewhere it has the token verified only once a
    -- statement.
    v_on_citus boolean := EXISTS (
        SELECT FROM pg_catalog.pg_extension AS x WHERE x.extname = 'citus'
    );
    v_tenant text := CASE
        WHEN v_on_citus THEN 'identity.current_tenant()'
        ELSE '(SELECT identity.current_tenant())'
    END;
    v_businesses text := CASE
        WHEN v_on_citus THEN 'identity.current_businesses()'
        ELSE '(SELECT identity.current_businesses())'
    END;
BEGIN
    FOR v_table IN
        SELECT
            c.oid,
            c.oid::regclass::text AS name,
            c.oid = to_regclass('identity.tenants') AS is_tenants,
            CASE WHEN c.oid = to_regclass('identity.businesses') THEN 'id' ELSE (
                SELECT b.attname::text
                FROM pg_catalog.pg_attribute AS b
                WHERE b.attrelid = c.oid AND b.attname = 'business_id' AND NOT b.attisdropped
            ) END AS business_column
        FROM pg_catalog.pg_class AS c
        WHERE c.relkind IN ('r', 'p')
            AND c.relowner = to_regrole('pgerp_owner')
            AND (
                c.oid = to_regclass('identity.tenants')
                OR EXISTS (
                    SELECT FROM pg_catalog.pg_attribute AS a
                    WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
                )
            )
        ORDER BY 2
    LOOP
        v_client := CASE WHEN v_table.is_tenants THEN 'id = ' ELSE 'tenant_id = ' END || v_tenant;
        IF v_table.business_column IS NOT NULL THEN
            v_client := format(
                '%1$s AND (%2$I IS NULL OR %3$s IS NULL OR %2$I = ANY ((%3$s)::integer[]))',
                v_client, v_table.business_column, v_businesses
            );
        END IF;
        v_owner := CASE
            WHEN v_table.is_tenants THEN 'true'
            ELSE 'tenant_id = nullif(current_setting(''pgerp.tenant_id'', true), '''')::integer'
        END;
        EXECUTE format(
            'ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', v_table.name
        );
        EXECUTE format('DROP POLICY IF EXISTS client_isolation ON %s', v_table.name);
        EXECUTE format('DROP POLICY IF EXISTS owner_isolation ON %s', v_table.name);
        EXECUTE format(
            'CREATE POLICY client_isolation ON %s '
            'TO pgerp_app, pgerp_readonly, pgerp_auditor USING (%s)',
            v_table.name, v_client
        );
        EXECUTE format(
            'CREATE POLICY owner_isolation ON %s TO pgerp_owner USING (%s)',
            v_table.name, v_owner
        );
        EXECUTE format(
            'COMMENT ON POLICY client_isolation ON %s IS %L', v_table.name,
            'Clients see the rows of the tenant, and of the businesses, that their token proves.'
        );
        EXECUTE format(
            'COMMENT ON POLICY owner_isolation ON %s IS %L', v_table.name,
            'Functions of the owner see and write the rows of the tenant they have entered.'
        );
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END;
$$;
COMMENT ON FUNCTION core.apply_row_security() IS
'Enables and forces row security on every table of pgerp_owner that has tenant_id (partitions '
'included, whose policies hold when they are addressed directly), and makes its two policies. '
'Run by the runner after every change; returns the number of tables.';
