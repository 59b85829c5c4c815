-- The record that an answer of the ledger is about, with its run locked before it.
CREATE OR REPLACE FUNCTION payroll.lock_record(p_event events.event_store)
RETURNS payroll.payroll_records
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_record payroll.payroll_records;
BEGIN
    SELECT r.* INTO STRICT v_record
    FROM payroll.payroll_records AS r
    WHERE r.tenant_id = p_event.tenant_id
        AND r.id = (p_event.payload ->> 'aggregate_id')::uuid;
    PERFORM FROM payroll.runs AS r
    WHERE r.tenant_id = p_event.tenant_id AND r.id = v_record.run_id
    FOR NO KEY UPDATE;
    SELECT r.* INTO STRICT v_record
    FROM payroll.payroll_records AS r
    WHERE r.tenant_id = p_event.tenant_id AND r.id = v_record.id
    FOR NO KEY UPDATE;
    RETURN v_record;
END;
$$;
COMMENT ON FUNCTION payroll.lock_record(events.event_store) IS
'The record of an event ledger.payroll_posted or ledger.payroll_rejected, locked after its run. '
'Internal. Raises P0002 (no such record).';
