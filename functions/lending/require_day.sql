-- What happens to a loan happens in its order.
CREATE OR REPLACE FUNCTION lending.require_day(
    p_loan lending.loans,
    p_day date,
    p_not_before date,
    p_what text
)
RETURNS date
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    p_day := coalesce(p_day, current_date);
    IF NOT isfinite(p_day) OR p_day < p_not_before THEN
        RAISE EXCEPTION 'a day of loan % is out of order', p_loan.loan_no
        USING ERRCODE = 'ZO039',
            DETAIL = format('%s is %s, not %s.', p_what, p_not_before, p_day),
            HINT = 'Give that day or a later one.';
    END IF;
    RETURN p_day;
END;
$$;
COMMENT ON FUNCTION lending.require_day(lending.loans, date, date, text) IS
'The day, or today where it is NULL. Raises ZO039 (before p_not_before, which p_what names, or '
'infinite). Internal.';
