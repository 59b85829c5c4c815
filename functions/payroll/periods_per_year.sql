-- How often a calendar pays in a year.
CREATE OR REPLACE FUNCTION payroll.periods_per_year(p_frequency payroll.frequency)
RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE p_frequency
        WHEN 'weekly' THEN 52
        WHEN 'biweekly' THEN 26
        WHEN 'semimonthly' THEN 24
        WHEN 'monthly' THEN 12
    END;
$$;
COMMENT ON FUNCTION payroll.periods_per_year(payroll.frequency) IS
'52, 26, 24 or 12: by what annual pay is divided and pay of a period multiplied. Internal.';
