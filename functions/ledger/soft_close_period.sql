-- requires: identity.current_tenant
-- Close a period for all but those with a permission, whose postings are recorded.
CREATE OR REPLACE FUNCTION ledger.soft_close_period(
    p_business_code text,
    p_period_code text,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_period ledger.fiscal_periods;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.close_periods');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    v_period := ledger.lock_period(p_tenant_id, v_business.id, p_period_code);
    IF v_period.status <> 'open' THEN
        RAISE EXCEPTION 'fiscal period % is already %',
            p_period_code, replace(v_period.status::text, '_', '-')
        USING ERRCODE = 'ZL004',
            HINT = 'See ledger.period_events for when and by whom.';
    END IF;
    PERFORM set_config('pgerp.period_reason', '', true);
    UPDATE ledger.fiscal_periods AS p
    SET status = 'soft_closed'
    WHERE p.tenant_id = p_tenant_id AND p.business_id = v_business.id AND p.id = v_period.id;
END;
$$;
COMMENT ON FUNCTION ledger.soft_close_period(text, text, integer) IS
'From now on only tokens with the permission ledger.post_soft_closed post into the period, each '
'time with a row in ledger.period_events. Waits for transactions that are posting into it. Raises '
'ZI001 to ZI007 (token, business), ZL004 (soft-closed or closed already), ZL040 (no such period), '
'ZL044 (a closing period).';
