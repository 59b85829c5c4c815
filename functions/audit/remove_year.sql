-- Have it on record that a year of a tenant's log goes, and let its leaves go.
CREATE OR REPLACE FUNCTION audit.remove_year(p_tenant_id integer, p_year integer)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_from uuid := core.uuid_v7_floor(make_timestamptz(p_year, 1, 1, 0, 0, 0, 'UTC'));
    v_before uuid := core.uuid_v7_floor(make_timestamptz(p_year + 1, 1, 1, 0, 0, 0, 'UTC'));
    v_rows bigint;
BEGIN
    -- A seal that is being made may cover rows of that year.
    PERFORM audit.lock_seals(p_tenant_id);
    v_rows := audit.rows_of_year(p_tenant_id, p_year);
    IF v_rows = 0 THEN
        RETURN;
    END IF;
    INSERT INTO audit.removals (tenant_id, log_year, row_count, seal_nos)
    SELECT
        p_tenant_id,
        p_year,
        v_rows,
        coalesce(range_agg(DISTINCT int8range(s.seal_no, s.seal_no, '[]')), '{}')
    FROM audit.sealed_changes AS s
    WHERE s.tenant_id = p_tenant_id AND s.log_id >= v_from AND s.log_id < v_before;
    DELETE FROM audit.sealed_changes AS s
    WHERE s.tenant_id = p_tenant_id AND s.log_id >= v_from AND s.log_id < v_before;
END;
$$;
COMMENT ON FUNCTION audit.remove_year(integer, integer) IS
'Writes to audit.removals that the year of audit.log goes, and deletes its leaves, for a tenant '
'that has been entered; nothing where it has no rows. Internal: called by audit.remove_expired, '
'which then drops the partition. Raises ZA008, ZA011 (audit.guard_removal).';
