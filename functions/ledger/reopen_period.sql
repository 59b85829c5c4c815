-- requires: identity.current_tenant
-- Open a period again, with a reason.
CREATE OR REPLACE FUNCTION ledger.reopen_period(
    p_business_code text,
    p_period_code text,
    p_reason text,
    p_status text DEFAULT 'open',
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_period ledger.fiscal_periods;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.reopen_periods');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    PERFORM ledger.require_reason(p_reason);
    IF p_status IS NULL OR p_status NOT IN ('open', 'soft_closed') THEN
        RAISE EXCEPTION 'a period is not reopened to be %', coalesce(p_status, 'NULL')
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Use open or soft_closed.';
    END IF;
    PERFORM ledger.lock_fiscal_calendar(p_tenant_id, v_business.id);
    v_period := ledger.lock_period(p_tenant_id, v_business.id, p_period_code);
    IF v_period.status <= p_status::ledger.period_status THEN
        RAISE EXCEPTION 'fiscal period % is %, not more closed than that',
            p_period_code, replace(v_period.status::text, '_', '-')
        USING ERRCODE = 'ZL041',
            HINT = 'There is nothing to reopen.';
    END IF;
    PERFORM set_config('pgerp.period_reason', p_reason, true);
    UPDATE ledger.fiscal_periods AS p
    SET status = p_status::ledger.period_status
    WHERE p.tenant_id = p_tenant_id AND p.business_id = v_business.id AND p.id = v_period.id;
    PERFORM set_config('pgerp.period_reason', '', true);
END;
$$;
COMMENT ON FUNCTION ledger.reopen_period(text, text, text, text, integer) IS
'Opens a closed or soft-closed period again: p_status open, or soft_closed, which only what is '
'closed can become. The reason goes to ledger.period_events. Any number of periods may be open '
'again at once. Raises ZI001 to ZI007 (token, business), ZL027 (no reason), ZL040 (no such '
'period), ZL041 (not more closed than p_status), ZL042 (its fiscal year is closed: '
'ledger.reopen_fiscal_year), ZL044 (a closing period), 22023 (another p_status), 25001 outside '
'READ COMMITTED.';
