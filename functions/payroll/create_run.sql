-- A new run of a calendar.
CREATE OR REPLACE FUNCTION payroll.create_run(
    p_business_code text,
    p_calendar_code text,
    p_starts_on date,
    p_pay_date date DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_calendar payroll.calendars;
    v_ends_on date;
    v_code text;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'payroll.prepare');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    v_calendar := payroll.calendar_of(p_tenant_id, v_business.id, p_calendar_code);
    v_ends_on := payroll.period_end(v_calendar, p_starts_on);
    v_code := CASE
        WHEN v_calendar.frequency = 'monthly' THEN to_char(p_starts_on, 'YYYY-MM')
        ELSE to_char(p_starts_on, 'YYYY-MM-DD')
    END;
    INSERT INTO payroll.runs (
        tenant_id, business_id, calendar_id, period_code, starts_on, ends_on, pay_date
    )
    VALUES (
        p_tenant_id, v_business.id, v_calendar.id, v_code, p_starts_on, v_ends_on,
        coalesce(p_pay_date, v_ends_on)
    );
    RETURN v_code;
END;
$$;
COMMENT ON FUNCTION payroll.create_run(text, text, date, date, integer) IS
'Makes the run of the period of a calendar that begins on a day, and returns the period''s code: '
'2026-01 of a month, otherwise its first day. p_pay_date: when it is paid, which decides the rates '
'and the year; NULL: the last day. Needs payroll.prepare. Raises ZI001 to ZI007, ZI009 to ZI011 '
'(token, business, permission), ZY001 (no such calendar), ZY002 (no period begins then), 23505 '
'(there is one), 23514 (paid before it begins).';
