-- Which part of a line's functional amount goes with a part of its transaction amount.
CREATE OR REPLACE FUNCTION ledger.matched_value(
    p_total numeric,
    p_value numeric,
    p_settled numeric,
    p_settled_value numeric,
    p_amount numeric,
    p_decimals integer
)
RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_open_value numeric := p_value - p_settled_value;
BEGIN
    -- The last part takes what is left: then nothing is open in either currency.
    IF p_settled + p_amount = p_total THEN
        RETURN v_open_value;
    END IF;
    IF p_total = p_value AND p_settled = p_settled_value THEN
        RETURN p_amount;
    END IF;
    -- Prorated from the beginning, so that roundings never add up.
    RETURN greatest(0, least(
        v_open_value,
        round(p_value * (p_settled + p_amount) / p_total, p_decimals) - p_settled_value
    ));
END;
$$;
COMMENT ON FUNCTION ledger.matched_value(numeric, numeric, numeric, numeric, numeric, integer) IS
'The functional amount, with p_decimals, that goes with p_amount of a line of which p_settled is '
'settled; all positive. Prorated over what is settled in all; the last part takes the residue. '
'Internal.';
