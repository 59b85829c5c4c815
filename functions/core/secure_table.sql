-- Row security for one table: enabled, forced, and its pair of policies.
CREATE OR REPLACE FUNCTION core.secure_table(p_table regclass)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
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
    v_is_tenants boolean := p_table IS NOT DISTINCT FROM to_regclass('identity.tenants');
    v_business_column text := CASE
        WHEN p_table = to_regclass('identity.businesses') THEN 'id'
        ELSE (
            SELECT b.attname::text
            FROM pg_catalog.pg_attribute AS b
            WHERE b.attrelid = p_table AND b.attname = 'business_id' AND NOT b.attisdropped
        )
    END;
    -- Few may read it at all. What is about to become a partition is known by its name.
    v_condition text := core.read_condition(
        coalesce(
            pg_partition_root(p_table)::text,
            regexp_replace(p_table::text, '_([0-9]{4}|default)$', '')
        ),
        v_on_citus
    );
    v_client text;
    v_owner text;
BEGIN
    v_client := CASE WHEN v_is_tenants THEN 'id = ' ELSE 'tenant_id = ' END || v_tenant
        || coalesce(' AND ' || v_condition, '');
    IF v_business_column IS NOT NULL THEN
        v_client := format(
            '%1$s AND (%2$I IS NULL OR %3$s IS NULL OR %2$I = ANY ((%3$s)::integer[]))',
            v_client, v_business_column, v_businesses
        );
    END IF;
    v_owner := CASE
        WHEN v_is_tenants THEN 'true'
        ELSE 'tenant_id = nullif(current_setting(''pgerp.tenant_id'', true), '''')::integer'
    END;
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', p_table);
    EXECUTE format('DROP POLICY IF EXISTS client_isolation ON %s', p_table);
    EXECUTE format('DROP POLICY IF EXISTS owner_isolation ON %s', p_table);
    EXECUTE format(
        'CREATE POLICY client_isolation ON %s '
        'TO pgerp_app, pgerp_readonly, pgerp_auditor, pgerp_service USING (%s)',
        p_table, v_client
    );
    EXECUTE format(
        'CREATE POLICY owner_isolation ON %s TO pgerp_owner USING (%s)', p_table, v_owner
    );
    EXECUTE format(
        'COMMENT ON POLICY client_isolation ON %s IS %L', p_table,
        'Clients see the rows of the tenant, and of the businesses, that their token proves'
        || CASE WHEN v_condition IS NULL THEN '.' ELSE ', and permits them to read.' END
    );
    EXECUTE format(
        'COMMENT ON POLICY owner_isolation ON %s IS %L', p_table,
        'Functions of the owner see and write the rows of the tenant they have entered.'
    );
END;
$$;
COMMENT ON FUNCTION core.secure_table(regclass) IS
'Enables and forces row security on a table with tenant_id (or identity.tenants) and makes its '
'two policies. Internal: called by core.apply_row_security for every table after every change of '
'the schema, and for partitions that maintenance makes.';
