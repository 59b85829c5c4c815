-- The last day of the period of a calendar that begins on a day.
CREATE OR REPLACE FUNCTION payroll.period_end(p_calendar payroll.calendars, p_starts_on date)
RETURNS date
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_month date := date_trunc('month', p_starts_on::timestamp);
    v_length integer := CASE p_calendar.frequency WHEN 'weekly' THEN 7 WHEN 'biweekly' THEN 14 END;
    v_ends_on date;
BEGIN
    IF v_length IS NOT NULL AND (p_starts_on - p_calendar.anchor_on) % v_length = 0 THEN
        v_ends_on := p_starts_on + v_length - 1;
    ELSIF p_calendar.frequency = 'semimonthly' AND p_starts_on = v_month THEN
        v_ends_on := p_starts_on + 14;
    ELSIF p_calendar.frequency = 'monthly' AND p_starts_on = v_month
        OR p_calendar.frequency = 'semimonthly' AND p_starts_on = v_month + 15
    THEN
        v_ends_on := (v_month + interval '1 month')::date - 1;
    ELSE
        RAISE EXCEPTION 'no period of calendar % begins on %', p_calendar.code,
            coalesce(p_starts_on::text, 'NULL')
        USING ERRCODE = 'ZY002',
            DETAIL = format('It is %s from %s.', p_calendar.frequency, p_calendar.anchor_on),
            HINT = 'Months begin on the 1st, their halves on the 1st and 16th, weeks as counted '
                'from anchor_on.';
    END IF;
    RETURN v_ends_on;
END;
$$;
COMMENT ON FUNCTION payroll.period_end(payroll.calendars, date) IS
'The last day of the period that begins on a day. Internal. Raises ZY002 (none does).';
