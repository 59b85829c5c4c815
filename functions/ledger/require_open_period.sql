-- The period of a posted entry takes lines: it is open, or soft-closed and the entry on its record.
CREATE OR REPLACE FUNCTION ledger.require_open_period(p_entry ledger.journal_entries)
RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_period ledger.fiscal_periods;
BEGIN
    SELECT p.* INTO v_period
    FROM ledger.fiscal_periods AS p
    WHERE p.tenant_id = p_entry.tenant_id
        AND p.business_id = p_entry.business_id
        AND p.id = p_entry.period_id;
    IF v_period.status = 'soft_closed' THEN
        PERFORM FROM ledger.period_events AS x
        WHERE x.tenant_id = p_entry.tenant_id
            AND x.business_id = p_entry.business_id
            AND x.period_id = p_entry.period_id
            AND x.action = 'posted'
            AND x.entry_id = p_entry.id;
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;
    IF v_period.status <> 'open' THEN
        RAISE EXCEPTION 'fiscal period % is %',
            v_period.code, replace(v_period.status::text, '_', '-')
        USING ERRCODE = 'ZL002',
            DETAIL = format('Journal entry %s is dated %s.', p_entry.id, p_entry.entry_date),
            HINT = 'Date the entry in an open period.';
    END IF;
END;
$$;
COMMENT ON FUNCTION ledger.require_open_period(ledger.journal_entries) IS
'Raises ZL002 unless the period of the entry is open, or soft-closed with the posting on record '
'in ledger.period_events. Internal.';
