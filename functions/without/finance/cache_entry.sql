-- without: ledger
-- Add what an entry moved to what is known of its accounts and period.
CREATE OR REPLACE FUNCTION finance.cache_entry(p_event events.event_store)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_period jsonb := p_event.payload -> 'period';
    v_count bigint;
BEGIN
    INSERT INTO finance.cached_periods (
        tenant_id, business_id, period_id, code, kind, starts_on, ends_on
    )
    VALUES (
        p_event.tenant_id,
        p_event.business_id,
        (v_period ->> 'period_id')::uuid,
        v_period ->> 'code',
        v_period ->> 'kind',
        (v_period ->> 'starts_on')::date,
        (v_period ->> 'ends_on')::date
    )
    ON CONFLICT (tenant_id, business_id, period_id) DO NOTHING;
    -- In the order of the key: workers that add to the same rows wait for each other, no more.
    INSERT INTO finance.cached_movements AS c (
        tenant_id, business_id, period_id, account_id, debit, credit
    )
    SELECT
        p_event.tenant_id,
        p_event.business_id,
        (v_period ->> 'period_id')::uuid,
        m.account_id,
        m.debit,
        m.credit
    FROM jsonb_to_recordset(p_event.payload -> 'movements')
        AS m (account_id uuid, debit numeric, credit numeric)
    ORDER BY m.account_id
    ON CONFLICT (tenant_id, business_id, period_id, account_id) DO UPDATE
    SET
        debit = c.debit + excluded.debit,
        credit = c.credit + excluded.credit;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN jsonb_build_object('accounts', v_count);
END;
$$;
COMMENT ON FUNCTION finance.cache_entry(events.event_store) IS
'Handler of ledger.entry_posted: adds the movements of the entry to finance.cached_movements. '
'events.processed_events keeps it from adding twice. Returns accounts: how many it moved. '
'Internal.';
