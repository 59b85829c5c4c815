-- One seals, redacts or removes from the log of a tenant at a time.
CREATE OR REPLACE FUNCTION audit.lock_seals(p_tenant_id integer)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_tenant_id = 0 THEN
        -- There is no row of it. Who seals for a tenant does not wait for this.
        LOCK TABLE audit.seals IN SHARE UPDATE EXCLUSIVE MODE;
    ELSE
        PERFORM FROM identity.tenants AS t WHERE t.id = p_tenant_id FOR NO KEY UPDATE;
    END IF;
END;
$$;
COMMENT ON FUNCTION audit.lock_seals(integer) IS
'Waits until nobody else seals the log of the tenant (0: of tables without tenant), redacts it or '
'removes years of it, and has others wait until the transaction ends. Internal.';
