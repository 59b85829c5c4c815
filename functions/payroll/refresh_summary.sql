-- Refresh the summary of runs if something changed, but not more often than once an interval.
CREATE OR REPLACE FUNCTION payroll.refresh_summary(
    p_interval interval DEFAULT '1 minute'
)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant_id integer;
    v_last timestamptz;
    v_count integer;
    v_total integer := 0;
BEGIN
    -- One refreshes at a time.
    SELECT r.refreshed_at INTO STRICT v_last
    FROM payroll.summary_refreshes AS r
    FOR UPDATE;
    IF v_last + p_interval > clock_timestamp() THEN
        RETURN false;
    END IF;
    FOR v_tenant_id IN
        SELECT t.id
        FROM identity.tenants AS t
        ORDER BY t.id
    LOOP
        PERFORM set_config('pgerp.tenant_id', v_tenant_id::text, true);
        -- Waits for who is noting, and the refresh sees what they commit.
        DELETE FROM payroll.summary_dues AS d
        WHERE d.tenant_id = v_tenant_id;
        GET DIAGNOSTICS v_count = ROW_COUNT;
        v_total := v_total + v_count;
    END LOOP;
    PERFORM set_config('pgerp.tenant_id', '', true);
    IF v_total = 0 THEN
        RETURN false;
    END IF;
    REFRESH MATERIALIZED VIEW CONCURRENTLY payroll.run_summary;
    UPDATE payroll.summary_refreshes AS r
    SET refreshed_at = clock_timestamp();
    RETURN true;
END;
$$;
COMMENT ON FUNCTION payroll.refresh_summary(interval) IS
'Refreshes payroll.run_summary without locking out readers, when payroll.summary_dues says that it '
'is due and the last refresh is p_interval ago; returns whether it did. Internal: for an operator '
'who is a member of pgerp_owner, such as pgerp_migrator, as often as wanted.';
