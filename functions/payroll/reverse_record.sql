-- Undo a record that is in the books; the run may then calculate another for the employee.
CREATE OR REPLACE FUNCTION payroll.reverse_record(
    p_business_code text,
    p_calendar_code text,
    p_period_code text,
    p_employee_no text,
    p_reason text,
    p_reversed_on date DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_run payroll.runs;
    v_employee_id uuid;
    v_record payroll.payroll_records;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'payroll.reverse');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    v_run := payroll.lock_run(
        p_tenant_id, v_business.id, p_calendar_code, p_period_code,
        enum_range(NULL::payroll.run_status)
    );
    v_employee_id := payroll.employee_of(p_tenant_id, v_business.id, p_employee_no);
    PERFORM FROM payroll.enrolments AS e
    WHERE e.tenant_id = p_tenant_id AND e.employee_id = v_employee_id
    FOR NO KEY UPDATE;
    SELECT r.* INTO v_record
    FROM payroll.payroll_records AS r
    WHERE r.tenant_id = p_tenant_id
        AND r.run_id = v_run.id
        AND r.employee_id = v_employee_id
        AND r.status <> 'reversed'
    FOR NO KEY UPDATE;
    IF NOT FOUND OR v_record.status NOT IN ('processed', 'paid') THEN
        RAISE EXCEPTION 'employee % has no record in run % that is in the books', p_employee_no,
            p_period_code
        USING ERRCODE = 'ZY003',
            DETAIL = format('Its status is %s.', coalesce(v_record.status::text, 'none')),
            HINT = 'What is not in the books is calculated again.';
    END IF;
    UPDATE payroll.payroll_records AS r
    SET
        status = 'reversing',
        reversed_on = coalesce(p_reversed_on, r.pay_date),
        reversal_reason = p_reason,
        rejection_reason = NULL
    WHERE r.tenant_id = p_tenant_id AND r.id = v_record.id;
    PERFORM payroll.emit_record(p_tenant_id, v_record.id, 'payroll.record_reversed');
    RETURN v_record.id;
END;
$$;
COMMENT ON FUNCTION payroll.reverse_record(
    text, text, text, text, text, date, integer
) IS
'Reverses the record of an employee in a run on a day (NULL: its pay date), emits '
'payroll.record_reversed and returns its id. Once it is reversed, payroll.calculate_run makes '
'another record, which is approved and processed under a key of its own. Needs payroll.reverse. '
'Raises ZI001 to ZI007, ZI009 to ZI011 (token, business, permission), ZY001 (no such calendar, run '
'or employee), ZY003 (not in the books), 23514 (no reason), and what the posting raises.';
