-- Whether an amount is no finer than the smallest unit of its currency.
CREATE OR REPLACE FUNCTION ledger.fits_currency(p_currency_code text, p_amount numeric)
RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_decimals integer;
BEGIN
    SELECT coalesce(c.minor_unit, 4) INTO v_decimals
    FROM ledger.currencies AS c
    WHERE c.code = p_currency_code;
    RETURN p_amount = round(p_amount, v_decimals);
END;
$$;
COMMENT ON FUNCTION ledger.fits_currency(text, numeric) IS
'True when the amount has no more decimals than the minor unit of the currency (ISO 4217; 4 where '
'it has none). Internal.';
