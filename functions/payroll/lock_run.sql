-- A run by calendar and period, locked until the transaction ends.
CREATE OR REPLACE FUNCTION payroll.lock_run(
    p_tenant_id integer,
    p_business_id integer,
    p_calendar_code text,
    p_period_code text,
    p_allowed payroll.run_status[]
)
RETURNS payroll.runs
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_calendar payroll.calendars := payroll.calendar_of(
        p_tenant_id, p_business_id, p_calendar_code
    );
    v_run payroll.runs;
BEGIN
    SELECT r.* INTO v_run
    FROM payroll.runs AS r
    WHERE r.tenant_id = p_tenant_id
        AND r.calendar_id = v_calendar.id
        AND r.period_code = p_period_code
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such run: % of %', coalesce(p_period_code, 'NULL'), p_calendar_code
        USING ERRCODE = 'ZY001',
            HINT = 'See payroll.runs; payroll.create_run makes one.';
    ELSIF v_run.status <> ALL (p_allowed) THEN
        RAISE EXCEPTION 'run % is %', p_period_code, v_run.status
        USING ERRCODE = 'ZY003',
            DETAIL = format('It has to be %s.', array_to_string(p_allowed, ' or ')),
            HINT = 'A run is calculated, approved, processed, paid, in this order.';
    END IF;
    RETURN v_run;
END;
$$;
COMMENT ON FUNCTION payroll.lock_run(
    integer, integer, text, text, payroll.run_status[]
) IS
'The run of a period, its row locked, when it has one of the states. Internal. Raises ZY001 (no '
'such calendar or run), ZY003 (another state).';
