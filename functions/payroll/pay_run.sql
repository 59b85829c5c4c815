-- A run was paid.
CREATE OR REPLACE FUNCTION payroll.pay_run(
    p_business_code text,
    p_calendar_code text,
    p_period_code text,
    p_paid_on date DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_run payroll.runs;
    v_paid uuid[];
    v_record_id uuid;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'payroll.pay');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    v_run := payroll.lock_run(
        p_tenant_id, v_business.id, p_calendar_code, p_period_code, '{processed}'
    );
    v_paid := ARRAY(
        SELECT r.id
        FROM payroll.payroll_records AS r
        WHERE r.tenant_id = p_tenant_id AND r.run_id = v_run.id AND r.status = 'processed'
        ORDER BY r.employee_no COLLATE "C"
    );
    UPDATE payroll.payroll_records AS r
    SET
        status = 'paid',
        paid_on = coalesce(p_paid_on, r.pay_date),
        rejection_reason = NULL
    WHERE r.tenant_id = p_tenant_id AND r.id = ANY (v_paid);
    UPDATE payroll.runs AS r
    SET status = 'paid'
    WHERE r.tenant_id = p_tenant_id AND r.id = v_run.id;
    FOREACH v_record_id IN ARRAY v_paid LOOP
        PERFORM payroll.emit_record(p_tenant_id, v_record_id, 'payroll.record_paid');
    END LOOP;
    RETURN cardinality(v_paid);
END;
$$;
COMMENT ON FUNCTION payroll.pay_run(text, text, text, date, integer) IS
'Records that the net pay of a processed run was paid on a day (NULL: its pay date), emits '
'payroll.record_paid for each record, and returns how many. Needs payroll.pay. Raises ZI001 to '
'ZI007, ZI009 to ZI011 (token, business, permission), ZY001 (no such calendar or run), ZY003 (not '
'processed), and what the posting raises.';
