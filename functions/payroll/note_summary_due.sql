-- What was summed up is no longer so; whoever refreshes it does so soon.
CREATE OR REPLACE FUNCTION payroll.note_summary_due(p_event events.event_store)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- The row stays locked until the commit, so who refreshes waits for what it is to see; a
    -- transaction writes it once.
    INSERT INTO payroll.summary_dues AS d (tenant_id, business_id, noted_at)
    VALUES (p_event.tenant_id, p_event.business_id, now())
    ON CONFLICT (tenant_id, business_id) DO UPDATE
    SET noted_at = excluded.noted_at
    WHERE d.noted_at <> excluded.noted_at;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION payroll.note_summary_due(events.event_store) IS
'Handler: notes that payroll.run_summary is to be refreshed for a business. Internal.';
