-- requires: identity.current_tenant
-- Close a fiscal year: its revenue and expenses go to retained earnings.
CREATE OR REPLACE FUNCTION ledger.close_fiscal_year(
    p_business_code text,
    p_year_code text,
    p_close_periods boolean DEFAULT true,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_year ledger.fiscal_years;
    v_closing ledger.fiscal_periods;
    v_lines ledger.new_line[];
    v_entry_id uuid;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.close_periods');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    v_year := ledger.lock_year(p_tenant_id, v_business.id, p_year_code);
    SELECT p.* INTO v_closing
    FROM ledger.fiscal_periods AS p
    WHERE p.tenant_id = p_tenant_id
        AND p.business_id = v_business.id
        AND p.fiscal_year_id = v_year.id
        AND p.kind = 'closing';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'fiscal year % has no closing period', p_year_code
        USING ERRCODE = 'ZL043',
            HINT = 'Insert one of kind closing, on the last day of the year.';
    ELSIF v_closing.status = 'closed' THEN
        RAISE EXCEPTION 'fiscal year % is already closed', p_year_code
        USING ERRCODE = 'ZL004',
            HINT = 'See ledger.period_events for when and by whom; ledger.reopen_fiscal_year '
                'reopens it.';
    END IF;
    PERFORM set_config('pgerp.period_reason', '', true);
    IF p_close_periods THEN
        UPDATE ledger.fiscal_periods AS p
        SET status = 'closed'
        WHERE p.tenant_id = p_tenant_id
            AND p.business_id = v_business.id
            AND p.fiscal_year_id = v_year.id
            AND p.kind <> 'closing'
            AND p.status <> 'closed';
    END IF;
    v_lines := ledger.closing_lines(p_tenant_id, v_business.id, v_year.id);
    IF cardinality(v_lines) > 0 THEN
        v_entry_id := ledger.insert_entry(
            p_tenant_id,
            v_business.id,
            v_closing.starts_on,
            'POSTED',
            'Closing of fiscal year ' || v_year.code,
            v_lines,
            p_source_module => 'ledger',
            p_source_id => v_year.id::text,
            p_period_kind => 'closing'
        );
        -- By this the check at commit knows it, when its period is closed already.
        INSERT INTO ledger.period_events (
            tenant_id, business_id, period_id, action, old_status, new_status, entry_id
        )
        VALUES (
            p_tenant_id, v_business.id, v_closing.id, 'posted', 'open', 'open', v_entry_id
        );
    END IF;
    UPDATE ledger.fiscal_periods AS p
    SET status = 'closed'
    WHERE p.tenant_id = p_tenant_id AND p.business_id = v_business.id AND p.id = v_closing.id;
    PERFORM ledger.number_entries(p_tenant_id, v_business.id, v_year.id);
    PERFORM ledger.fold_period(p_tenant_id, v_business.id, p.id)
    FROM ledger.fiscal_periods AS p
    WHERE p.tenant_id = p_tenant_id
        AND p.business_id = v_business.id
        AND p.fiscal_year_id = v_year.id;
    RETURN v_entry_id;
END;
$$;
COMMENT ON FUNCTION ledger.close_fiscal_year(text, text, boolean, integer) IS
'Closes the fiscal year of that code: closes its periods that are still open (p_close_periods '
'false: raises ZL043 instead), posts one entry in its closing period that takes what each revenue '
'and expense account has left in the year to the account of the role retained_earnings, closes '
'that period, numbers every entry of the year and folds its balances (ledger.fold_balances). '
'Returns the id of that entry; NULL where nothing was left. Income statements leave the entry '
'out. Undone by ledger.reopen_fiscal_year. '
'Raises ZI001 to ZI007 (token, business), ZL004 (closed already), ZL024 (no account is '
'retained_earnings), ZL040 (no such year), ZL043 (no closing period, or periods not closed), what '
'a posted entry must not be (ZL009, ZL010, ZL012, ZL014, ZL021, ZL030, ZL031: the retained '
'earnings account; no limit of the accounts that are emptied, and no budget, holds it up), '
'25001 outside READ COMMITTED.';
