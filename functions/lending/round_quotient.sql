-- A quotient rounded to a multiple of a unit, exactly: halves are seen before anything is cut off.
CREATE OR REPLACE FUNCTION lending.round_quotient(
    p_dividend numeric,
    p_divisor numeric,
    p_unit numeric,
    p_rounding text
)
RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_step numeric := p_divisor * p_unit;
    v_count numeric := div(p_dividend, v_step);
    v_twice numeric := 2 * (p_dividend - v_count * v_step);
BEGIN
    IF v_twice > v_step OR (v_twice = v_step AND (p_rounding = 'half_up' OR v_count % 2 = 1)) THEN
        v_count := v_count + 1;
    END IF;
    RETURN v_count * p_unit;
END;
$$;
COMMENT ON FUNCTION lending.round_quotient(numeric, numeric, numeric, text) IS
'p_dividend / p_divisor rounded to a multiple of p_unit; p_rounding: half_up, otherwise half to '
'even. The dividend is not negative, the others are positive. Internal.';
