-- Remove the years of the log that nobody has to keep any more.
CREATE OR REPLACE FUNCTION audit.remove_expired(p_keep_years integer DEFAULT 7)
RETURNS TABLE (year integer, held_by integer[])
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
SET role = 'pgerp_owner'
-- Less than deadlock_timeout: whoever writes is never the one that is given up.
SET lock_timeout = '500ms'
AS $$
DECLARE
    v_entered text := current_setting('pgerp.tenant_id', true);
    v_tenant_id integer;
BEGIN
    -- Tax Procedures Act of Kenya, and what its revenue authority asks for.
    IF p_keep_years IS NULL OR p_keep_years < 7 THEN
        RAISE EXCEPTION 'the audit log is kept for 7 years or more'
        USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('Asked for %s.', coalesce(p_keep_years::text, 'NULL')),
            HINT = 'Leave p_keep_years out, or give 7 or more.';
    END IF;
    FOR year IN
        SELECT y.n
        FROM pg_catalog.pg_inherits AS i
        INNER JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
        CROSS JOIN LATERAL (
            SELECT CASE WHEN c.relname ~ '^log_[0-9]+$' THEN substr(c.relname, 5) END::integer AS n
        ) AS y
        WHERE i.inhparent = 'audit.log'::regclass
            AND make_timestamptz(y.n + 1, 1, 1, 0, 0, 0, 'UTC')
                <= now() - make_interval(years => p_keep_years)
        ORDER BY y.n
    LOOP
        -- A hold that is being placed is waited for, and none is placed until the year is gone.
        LOCK TABLE audit.legal_holds IN SHARE MODE;
        held_by := '{}';
        FOR v_tenant_id IN SELECT t.id FROM identity.tenants AS t ORDER BY t.id LOOP
            PERFORM set_config('pgerp.tenant_id', v_tenant_id::text, true);
            IF EXISTS (
                SELECT FROM audit.legal_holds AS h
                WHERE h.tenant_id = v_tenant_id
                    AND h.valid_from <= now()
                    AND (h.valid_until IS NULL OR h.valid_until > now())
            ) AND audit.rows_of_year(v_tenant_id, year) > 0 THEN
                held_by := held_by || v_tenant_id;
            END IF;
        END LOOP;
        IF held_by = '{}' THEN
            FOR v_tenant_id IN
                SELECT 0 AS id UNION ALL SELECT t.id FROM identity.tenants AS t ORDER BY id
            LOOP
                PERFORM set_config('pgerp.tenant_id', v_tenant_id::text, true);
                PERFORM audit.remove_year(v_tenant_id, year);
            END LOOP;
            EXECUTE format('ALTER TABLE audit.log DETACH PARTITION audit.%I', 'log_' || year);
            EXECUTE format('DROP TABLE audit.%I', 'log_' || year);
        END IF;
        PERFORM set_config('pgerp.tenant_id', coalesce(v_entered, ''), true);
        RETURN NEXT;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION audit.remove_expired(integer) IS
'Removes the partitions of audit.log of which every row is older than p_keep_years (7 or more), '
'whole years only, unless a legal hold is in force of a tenant with rows there. Returns each such '
'year: with held_by empty it is gone, and audit.removals tells of it; otherwise held_by are the tenants whose holds kept it. For '
'maintenance: needs a member of pgerp_owner. It waits 500 ms at most for a lock and then raises '
'55P03: run it again (pgerp maintain does). Raises 22023 (p_keep_years), 42501 (not a member).';
