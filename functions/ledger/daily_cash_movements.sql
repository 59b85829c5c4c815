-- What moved through the cash accounts of every tenant, day by day; as ledger.monthly_movements.
CREATE OR REPLACE FUNCTION ledger.daily_cash_movements()
RETURNS TABLE (
    tenant_id integer,
    business_id integer,
    entry_date date,
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
            l.tenant_id,
            l.business_id,
            l.entry_date,
            sum(greatest(l.amount::numeric, 0.0000)),
            sum(greatest(-l.amount::numeric, 0.0000))
        FROM ledger.accounts AS a
        INNER JOIN ledger.all_journal_lines AS l
            ON l.tenant_id = a.tenant_id AND l.account_id = a.id
        INNER JOIN ledger.all_journal_entries AS e
            ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
        WHERE a.tenant_id = v_tenant_id
            AND a.cash_flow_activity = 'cash'
            AND e.posted_at IS NOT NULL
        GROUP BY 1, 2, 3;
    END LOOP;
    PERFORM set_config('pgerp.tenant_id', coalesce(v_entered, ''), true);
END;
$$;
COMMENT ON FUNCTION ledger.daily_cash_movements() IS
'The source of ledger.mv_daily_cash: all tenants. Internal: for the owner alone.';
