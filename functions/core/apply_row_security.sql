-- Row security for every table with a tenant: enabled, forced, and one pair of policies.
CREATE OR REPLACE FUNCTION core.apply_row_security()
RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_table regclass;
    v_count integer := 0;
BEGIN
    FOR v_table IN
        SELECT c.oid::regclass
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
        ORDER BY c.oid::regclass::text
    LOOP
        PERFORM core.secure_table(v_table);
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END;
$$;
COMMENT ON FUNCTION core.apply_row_security() IS
'Enables and forces row security on every table of pgerp_owner that has tenant_id (partitions '
'included, whose policies hold when they are addressed directly), and makes its two policies. '
'Run by the runner after every change; returns the number of tables.';
