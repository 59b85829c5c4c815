-- requires: identity.current_tenant
-- Close a period: from now on nothing can be posted into it, by any path.
CREATE OR REPLACE FUNCTION ledger.close_period(
    p_business_code text,
    p_period_code text,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_period ledger.fiscal_periods;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.close_periods');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    v_period := ledger.lock_period(p_tenant_id, v_business.id, p_period_code);
    IF v_period.status = 'closed' THEN
        RAISE EXCEPTION 'fiscal period % is already closed', p_period_code
        USING ERRCODE = 'ZL004',
            HINT = 'See ledger.period_events for when and by whom; ledger.reopen_period reopens '
                'it.';
    END IF;
    PERFORM set_config('pgerp.period_reason', '', true);
    UPDATE ledger.fiscal_periods AS p
    SET status = 'closed'
    WHERE p.tenant_id = p_tenant_id AND p.business_id = v_business.id AND p.id = v_period.id;
    PERFORM ledger.number_entries(
        p_tenant_id, v_business.id, v_period.fiscal_year_id, v_period.id
    );
    PERFORM ledger.fold_period(p_tenant_id, v_business.id, v_period.id);
    RETURN (
        SELECT count(*)
        FROM ledger.journal_entries AS e
        WHERE e.tenant_id = p_tenant_id
            AND e.business_id = v_business.id
            AND e.period_id = v_period.id
            AND e.entry_date BETWEEN v_period.starts_on AND v_period.ends_on
            AND e.posted_at IS NULL
            AND e.status = 'DRAFT'
    );
END;
$$;
COMMENT ON FUNCTION ledger.close_period(text, text, integer) IS
'Closes a regular or adjusting period, in any order, numbers its entries (outside READ COMMITTED '
'only those that the transaction''s snapshot shows; ledger.assign_journal_numbers does the rest) '
'and folds its balances, as ledger.fold_balances does. Waits for transactions that are posting '
'into it. Returns how many drafts are left in it: they cannot be posted there, but can be given '
'another date, or voided. Raises ZI001 to ZI007 (token, business), ZL004 (closed already), ZL040 '
'(no such period), ZL044 (a closing period).';
