-- The runs of every tenant, one after the other: row security holds for the owner too, so the owner
-- enters each.
CREATE OR REPLACE FUNCTION payroll.run_totals()
RETURNS TABLE (
    tenant_id integer,
    run_id uuid,
    business_id integer,
    department_code text,
    employees bigint,
    gross numeric,
    taxes numeric,
    deductions numeric,
    net numeric,
    employer_costs numeric,
    paid numeric
)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_entered text := current_setting('pgerp.tenant_id', true);
    v_tenant_id integer;
BEGIN
    FOR v_tenant_id IN
        SELECT t.id
        FROM identity.tenants AS t
        ORDER BY t.id
    LOOP
        PERFORM set_config('pgerp.tenant_id', v_tenant_id::text, true);
        RETURN QUERY
        SELECT
            r.tenant_id,
            r.run_id,
            r.business_id,
            r.department_code::text,
            count(*),
            sum(r.gross),
            sum(r.taxes),
            sum(r.deductions),
            sum(r.net),
            sum(r.employer_costs),
            coalesce(sum(r.net) FILTER (WHERE r.status = 'paid'), 0)
        FROM payroll.payroll_records AS r
        WHERE r.tenant_id = v_tenant_id AND r.status IN ('processed', 'paid')
        GROUP BY r.tenant_id, r.run_id, r.business_id, r.department_code;
    END LOOP;
    PERFORM set_config('pgerp.tenant_id', coalesce(v_entered, ''), true);
END;
$$;
COMMENT ON FUNCTION payroll.run_totals() IS
'The source of payroll.run_summary: all tenants. Internal: for the owner alone.';
