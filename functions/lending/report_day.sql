-- The day that a report is as of.
CREATE OR REPLACE FUNCTION lending.report_day(p_as_of date)
RETURNS date
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT isfinite(p_as_of) THEN
        RAISE EXCEPTION 'not a day: %', p_as_of
        USING ERRCODE = '22023',
            HINT = 'Give a date, or none for today.';
    END IF;
    RETURN coalesce(p_as_of, current_date);
END;
$$;
COMMENT ON FUNCTION lending.report_day(date) IS
'p_as_of, or today for NULL. Raises 22023 (infinity).';
