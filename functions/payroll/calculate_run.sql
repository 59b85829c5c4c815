-- Work out what a run pays and withholds.
CREATE OR REPLACE FUNCTION payroll.calculate_run(
    p_business_code text,
    p_calendar_code text,
    p_period_code text,
    p_tenant_id integer DEFAULT NULL
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_calendar payroll.calendars;
    v_run payroll.runs;
    v_count integer;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'payroll.prepare');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    v_calendar := payroll.calendar_of(p_tenant_id, v_business.id, p_calendar_code);
    v_run := payroll.lock_run(
        p_tenant_id, v_business.id, p_calendar_code, p_period_code,
        enum_range(NULL::payroll.run_status)
    );
    PERFORM payroll.prepare_records(p_tenant_id, v_run);
    PERFORM payroll.require_rates(p_tenant_id, v_run, v_calendar);
    PERFORM payroll.add_pay(p_tenant_id, v_run, v_calendar);
    PERFORM payroll.add_statutory(p_tenant_id, v_run, v_calendar, 'gross');
    PERFORM payroll.add_statutory(p_tenant_id, v_run, v_calendar, 'taxable');
    v_count := payroll.sum_records(p_tenant_id, v_run);
    IF v_count > 0 OR v_run.status = 'draft' THEN
        UPDATE payroll.runs AS r
        SET
            status = 'calculated',
            prepared_by = core.current_actor(),
            approved_by = NULL,
            approved_at = NULL
        WHERE r.tenant_id = p_tenant_id AND r.id = v_run.id;
    END IF;
    RETURN v_count;
END;
$$;
COMMENT ON FUNCTION payroll.calculate_run(text, text, text, integer) IS
'Calculates the records of a run that are not in the books, anew each time, and returns how many '
'there are. An approval is void then. Needs payroll.prepare. Raises ZI001 to ZI007, ZI009 to ZI011 '
'(token, business, permission), ZY001 (no such calendar or run), ZY006 (pay of an employee cannot '
'be calculated), ZY009 (no rates).';
