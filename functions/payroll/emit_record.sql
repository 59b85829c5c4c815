-- Say of a record what the books have to know.
CREATE OR REPLACE FUNCTION payroll.emit_record(
    p_tenant_id integer,
    p_record_id uuid,
    p_event_type text
)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_record payroll.payroll_records;
    v_period_code text;
    v_payload jsonb;
BEGIN
    SELECT r.* INTO STRICT v_record
    FROM payroll.payroll_records AS r
    WHERE r.tenant_id = p_tenant_id AND r.id = p_record_id;
    SELECT r.period_code INTO STRICT v_period_code
    FROM payroll.runs AS r
    WHERE r.tenant_id = p_tenant_id AND r.id = v_record.run_id;
    v_payload := jsonb_build_object(
        'record_id', v_record.id,
        'run_id', v_record.run_id,
        'period_code', v_period_code,
        'employee_no', v_record.employee_no,
        'department_code', v_record.department_code,
        'net', v_record.net
    );
    IF p_event_type = 'payroll.record_paid' THEN
        v_payload := v_payload || jsonb_build_object(
            'paid_on', v_record.paid_on,
            'posting_key', v_record.id || '/paid'
        );
    ELSE
        v_payload := v_payload || jsonb_build_object(
            'pay_date', v_record.pay_date,
            'gross', v_record.gross,
            'federal_tax', v_record.federal_tax,
            'state_tax', v_record.state_tax,
            'social_security_tax', v_record.social_security_tax,
            'medicare_tax', v_record.medicare_tax,
            'paye', v_record.paye,
            'nssf', v_record.nssf,
            'shif', v_record.shif,
            'housing_levy', v_record.housing_levy,
            'other_deductions', v_record.other_deductions,
            'employer_costs', v_record.employer_costs,
            'employer_social_security', v_record.employer_social_security,
            'employer_medicare', v_record.employer_medicare,
            'employer_nssf', v_record.employer_nssf,
            'employer_housing_levy', v_record.employer_housing_levy
        )
        || CASE
            WHEN p_event_type = 'payroll.record_reversed' THEN jsonb_build_object(
                'reversed_on', v_record.reversed_on,
                'reason', v_record.reversal_reason,
                'entry_id', v_record.accounting_transaction_id,
                'posting_key', v_record.id || '/reversed'
            )
            ELSE jsonb_build_object('posting_key', v_record.id || '/' || v_record.attempt)
        END;
    END IF;
    PERFORM events.emit(
        p_tenant_id, p_event_type, p_record_id::text, v_payload, v_record.business_id
    );
END;
$$;
COMMENT ON FUNCTION payroll.emit_record(integer, uuid, text) IS
'Emits payroll.record_processed, record_paid or record_reversed of a record. Internal. Raises what '
'events.emit and the handlers raise.';
