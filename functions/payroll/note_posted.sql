-- The books have what payroll said.
CREATE OR REPLACE FUNCTION payroll.note_posted(p_event events.event_store)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_record payroll.payroll_records := payroll.lock_record(p_event);
    v_entry_id uuid := (p_event.payload ->> 'entry_id')::uuid;
    v_said jsonb;
    v_fits boolean;
BEGIN
    SELECT e.payload INTO STRICT v_said
    FROM events.event_store AS e
    WHERE e.tenant_id = p_event.tenant_id AND e.id = (p_event.payload ->> 'event_id')::uuid;
    v_fits := CASE p_event.payload ->> 'event_type'
        -- Accepted after it was refused, and calculated anew meanwhile: it is not what we have.
        WHEN 'payroll.record_processed' THEN v_record.status IN ('pending', 'processing')
            AND v_said ->> 'posting_key' = v_record.id || '/' || v_record.attempt
        WHEN 'payroll.record_paid' THEN v_record.payment_transaction_id IS NULL
        WHEN 'payroll.record_reversed' THEN v_record.status IN ('reversing', 'processed', 'paid')
    END;
    IF v_fits IS NOT true THEN
        RAISE EXCEPTION 'entry % does not fit record % as it is', v_entry_id, v_record.id
        USING ERRCODE = 'ZY008',
            DETAIL = format(
                'It posted %s of the key %s; the record is %s in its attempt %s.',
                p_event.payload ->> 'event_type', v_said ->> 'posting_key', v_record.status,
                v_record.attempt
            ),
            HINT = 'Reverse the entry in the ledger.';
    END IF;
    UPDATE payroll.payroll_records AS r
    SET
        status = CASE p_event.payload ->> 'event_type'
            WHEN 'payroll.record_processed' THEN 'processed'
            WHEN 'payroll.record_reversed' THEN 'reversed'
            -- A payment that was refused first may be accepted later.
            ELSE CASE r.status WHEN 'processed' THEN 'paid' ELSE r.status END
        END::payroll.record_status,
        accounting_transaction_id = CASE p_event.payload ->> 'event_type'
            WHEN 'payroll.record_processed' THEN v_entry_id ELSE r.accounting_transaction_id
        END,
        payment_transaction_id = CASE p_event.payload ->> 'event_type'
            WHEN 'payroll.record_paid' THEN v_entry_id ELSE r.payment_transaction_id
        END,
        paid_on = CASE p_event.payload ->> 'event_type'
            WHEN 'payroll.record_paid' THEN (v_said ->> 'paid_on')::date ELSE r.paid_on
        END,
        reversal_transaction_id = CASE p_event.payload ->> 'event_type'
            WHEN 'payroll.record_reversed' THEN v_entry_id ELSE r.reversal_transaction_id
        END,
        reversed_on = coalesce((v_said ->> 'reversed_on')::date, r.reversed_on),
        reversal_reason = coalesce(v_said ->> 'reason', r.reversal_reason),
        rejection_reason = NULL
    WHERE r.tenant_id = v_record.tenant_id AND r.id = v_record.id;
    PERFORM payroll.settle_run(v_record.tenant_id, v_record.run_id);
    RETURN jsonb_build_object('record_id', v_record.id, 'entry_id', v_entry_id);
END;
$$;
COMMENT ON FUNCTION payroll.note_posted(events.event_store) IS
'Handler of ledger.payroll_posted: the record gets accounting_transaction_id and is processed; or '
'the entry of its payment; or that of its reversal, and is reversed. Internal. Raises ZY008 (the '
'record is another by now), P0002 (no such record or event).';
