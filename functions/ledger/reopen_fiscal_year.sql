-- requires: identity.current_tenant
-- Open a closed fiscal year again: its closing entry is reversed.
CREATE OR REPLACE FUNCTION ledger.reopen_fiscal_year(
    p_business_code text,
    p_year_code text,
    p_reason text,
    p_period_codes text[] DEFAULT NULL,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_year ledger.fiscal_years;
    v_closing ledger.fiscal_periods;
    v_unknown text;
    v_entry_id uuid;
    v_reversal_id uuid;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.reopen_periods');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    PERFORM ledger.require_reason(p_reason);
    -- Entries before periods, as whoever reverses or matches one; no other closing entry comes in
    -- between.
    PERFORM ledger.lock_fiscal_calendar(p_tenant_id, v_business.id);
    PERFORM ledger.lock_entries(p_tenant_id, ARRAY(
        SELECT e.id
        FROM ledger.fiscal_years AS y
        INNER JOIN ledger.fiscal_periods AS p
            ON p.tenant_id = y.tenant_id
            AND p.business_id = y.business_id
            AND p.fiscal_year_id = y.id
            AND p.kind = 'closing'
        INNER JOIN ledger.all_journal_entries AS e
            ON e.tenant_id = p.tenant_id
            AND e.business_id = p.business_id
            AND e.period_id = p.id
        WHERE y.tenant_id = p_tenant_id
            AND y.business_id = v_business.id
            AND y.code = p_year_code
            AND e.status = 'POSTED'
    ));
    v_year := ledger.lock_year(p_tenant_id, v_business.id, p_year_code);
    SELECT p.* INTO v_closing
    FROM ledger.fiscal_periods AS p
    WHERE p.tenant_id = p_tenant_id
        AND p.business_id = v_business.id
        AND p.fiscal_year_id = v_year.id
        AND p.kind = 'closing'
        AND p.status = 'closed';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'fiscal year % is not closed', p_year_code
        USING ERRCODE = 'ZL041',
            HINT = 'Reopen single periods with ledger.reopen_period.';
    END IF;
    SELECT string_agg(coalesce(c.code, 'NULL'), ', ') INTO v_unknown
    FROM unnest(p_period_codes) AS c (code)
    WHERE NOT EXISTS (
        SELECT FROM ledger.fiscal_periods AS p
        WHERE p.tenant_id = p_tenant_id
            AND p.business_id = v_business.id
            AND p.fiscal_year_id = v_year.id
            AND p.kind <> 'closing'
            AND p.code = c.code
    );
    IF v_unknown IS NOT NULL THEN
        RAISE EXCEPTION 'no such period of fiscal year %: %', p_year_code, v_unknown
        USING ERRCODE = 'ZL040',
            HINT = 'Name regular or adjusting periods of that year; see ledger.fiscal_periods.';
    END IF;
    PERFORM set_config('pgerp.period_reason', p_reason, true);
    UPDATE ledger.fiscal_periods AS p
    SET status = 'open'
    WHERE p.tenant_id = p_tenant_id AND p.business_id = v_business.id AND p.id = v_closing.id;
    UPDATE ledger.fiscal_periods AS p
    SET status = 'open'
    WHERE p.tenant_id = p_tenant_id
        AND p.business_id = v_business.id
        AND p.fiscal_year_id = v_year.id
        AND CASE
            WHEN p_period_codes IS NULL THEN p.kind = 'adjusting'
            ELSE p.kind <> 'closing' AND p.code = ANY (p_period_codes)
        END;
    PERFORM set_config('pgerp.period_reason', '', true);
    FOR v_entry_id IN
        SELECT e.id
        FROM ledger.all_journal_entries AS e
        WHERE e.tenant_id = p_tenant_id
            AND e.business_id = v_business.id
            AND e.period_id = v_closing.id
            AND e.status = 'POSTED'
            AND NOT EXISTS (
                SELECT FROM ledger.reversals AS r
                WHERE r.tenant_id = p_tenant_id AND r.reversal_id = e.id
            )
        ORDER BY e.entry_number
    LOOP
        v_reversal_id := ledger.reverse_entry(
            p_tenant_id, v_entry_id, p_reason, v_closing.starts_on
        );
        INSERT INTO ledger.period_events (
            tenant_id, business_id, period_id, action, old_status, new_status, entry_id
        )
        VALUES (
            p_tenant_id, v_business.id, v_closing.id, 'posted', 'open', 'open', v_reversal_id
        );
    END LOOP;
    RETURN v_reversal_id;
END;
$$;
COMMENT ON FUNCTION ledger.reopen_fiscal_year(text, text, text, text[], integer) IS
'Opens a closed fiscal year again, with a reason: reverses its closing entry within the closing '
'period, and opens the named periods (NULL: its adjusting period; empty: none), which take late '
'entries until ledger.close_fiscal_year closes it again. Later years may stay closed: each carries '
'only its own result forward. Returns the id of the reversal; NULL where there was nothing to '
'reverse. Raises ZI001 to ZI007 (token, business), ZL027 (no reason), ZL040 (no such year, or '
'period of it), ZL041 (not closed), 25001 outside READ COMMITTED.';
