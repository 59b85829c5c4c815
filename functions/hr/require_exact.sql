-- A salary is what was asked for, not what it was rounded to.
CREATE OR REPLACE FUNCTION hr.require_exact(p_amount numeric)
RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_amount <> round(p_amount, 4) THEN
        RAISE EXCEPTION 'amount % has more than 4 decimals', p_amount
        USING ERRCODE = 'numeric_value_out_of_range',
            HINT = 'Round it.';
    END IF;
END;
$$;
COMMENT ON FUNCTION hr.require_exact(numeric) IS
'Internal. Raises 22003 when an amount has more than 4 decimals.';
