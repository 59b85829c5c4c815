-- What the dashboards show of every tenant, one after the other: row security holds for the owner
-- too, so the owner enters each.
CREATE OR REPLACE FUNCTION ledger.monthly_movements()
RETURNS TABLE (
    tenant_id integer,
    business_id integer,
    month date,
    account_type text,
    debit numeric,
    credit numeric
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
            b.tenant_id,
            b.business_id,
            date_trunc('month', p.starts_on::timestamp)::date,
            a.type_code,
            sum(b.debit),
            sum(b.credit)
        FROM ledger.account_balances AS b
        INNER JOIN ledger.fiscal_periods AS p
            ON p.tenant_id = b.tenant_id
            AND p.business_id = b.business_id
            AND p.id = b.period_id
        INNER JOIN ledger.accounts AS a ON a.tenant_id = b.tenant_id AND a.id = b.account_id
        WHERE b.tenant_id = v_tenant_id AND p.kind <> 'closing'
        GROUP BY 1, 2, 3, 4;
    END LOOP;
    PERFORM set_config('pgerp.tenant_id', coalesce(v_entered, ''), true);
END;
$$;
COMMENT ON FUNCTION ledger.monthly_movements() IS
'The source of ledger.mv_monthly_balances: all tenants. Internal: for the owner alone.';
