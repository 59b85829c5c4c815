-- A pay calendar of a business by its code.
CREATE OR REPLACE FUNCTION payroll.calendar_of(
    p_tenant_id integer,
    p_business_id integer,
    p_code text
)
RETURNS payroll.calendars
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_calendar payroll.calendars;
BEGIN
    SELECT c.* INTO v_calendar
    FROM payroll.calendars AS c
    WHERE c.tenant_id = p_tenant_id AND c.business_id = p_business_id AND c.code = p_code;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such pay calendar: %', coalesce(p_code, 'NULL')
        USING ERRCODE = 'ZY001',
            HINT = 'See payroll.calendars; payroll.create_calendar makes one.';
    END IF;
    RETURN v_calendar;
END;
$$;
COMMENT ON FUNCTION payroll.calendar_of(integer, integer, text) IS
'The calendar of a business with that code. Internal. Raises ZY001 (no such calendar).';
