-- The books refused what payroll said: the record is as it was before.
CREATE OR REPLACE FUNCTION payroll.note_rejected(p_event events.event_store)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_record payroll.payroll_records := payroll.lock_record(p_event);
    v_reason text := format(
        '%s: %s', p_event.payload ->> 'sqlstate', p_event.payload ->> 'reason'
    );
    v_status payroll.record_status := CASE
        WHEN p_event.payload ->> 'event_type' = 'payroll.record_processed'
            AND v_record.status = 'processing' THEN 'pending'
        WHEN p_event.payload ->> 'event_type' = 'payroll.record_paid'
            AND v_record.status = 'paid' AND v_record.payment_transaction_id IS NULL
            THEN 'processed'
        WHEN p_event.payload ->> 'event_type' = 'payroll.record_reversed'
            AND v_record.status = 'reversing'
            THEN CASE WHEN v_record.paid_on IS NULL THEN 'processed' ELSE 'paid' END
    END::payroll.record_status;
BEGIN
    IF v_status IS NOT NULL THEN
        UPDATE payroll.payroll_records AS r
        SET
            status = v_status,
            rejection_reason = v_reason,
            paid_on = CASE WHEN v_status = 'paid' THEN r.paid_on END,
            reversed_on = NULL,
            reversal_reason = NULL
        WHERE r.tenant_id = v_record.tenant_id AND r.id = v_record.id;
        PERFORM payroll.settle_run(v_record.tenant_id, v_record.run_id);
    END IF;
    RETURN jsonb_build_object('record_id', v_record.id, 'status', v_status);
END;
$$;
COMMENT ON FUNCTION payroll.note_rejected(events.event_store) IS
'Handler of ledger.payroll_rejected: compensates. A record that was sent is pending again, a '
'payment is not recorded, a reversal is not under way; rejection_reason says why. Returns the '
'record and its status, NULL when it was not waiting for this answer. Internal. Raises P0002 (no '
'such record).';
