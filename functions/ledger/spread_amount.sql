-- Cut an amount into equal parts that sum to it exactly.
CREATE OR REPLACE FUNCTION ledger.spread_amount(
    p_amount numeric,
    p_parts integer,
    p_minor_unit integer DEFAULT 2
)
RETURNS numeric[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_unit numeric;
    v_part numeric;
BEGIN
    IF p_amount IS NULL OR p_amount IN ('NaN', 'Infinity', '-Infinity')
        OR p_parts IS NULL OR p_parts NOT BETWEEN 1 AND 1000
        OR p_minor_unit IS NULL OR p_minor_unit NOT BETWEEN 0 AND 4
    THEN
        RAISE EXCEPTION 'cannot spread % over % parts with % decimals',
            coalesce(p_amount::text, 'NULL'), coalesce(p_parts::text, 'NULL'),
            coalesce(p_minor_unit::text, 'NULL')
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Give an amount, 1 to 1000 parts and 0 to 4 decimals.';
    END IF;
    -- Without a quotient, whose digits are rounded where there are many.
    v_unit := ('1e-' || p_minor_unit)::numeric;
    v_part := div(p_amount, v_unit * p_parts) * v_unit;
    RETURN array_fill(v_part, ARRAY[p_parts - 1]) || (p_amount - v_part * (p_parts - 1));
END;
$$;
COMMENT ON FUNCTION ledger.spread_amount(numeric, integer, integer) IS
'An amount, such as a year''s, in p_parts parts of equal whole minor units (p_minor_unit '
'decimals), rounded towards zero; the last part holds the residue, so that their sum is the '
'amount. Raises 22023.';
