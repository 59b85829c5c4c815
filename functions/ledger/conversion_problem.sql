-- Why a line in another currency is not what it says, in one place for every way of posting.
CREATE OR REPLACE FUNCTION ledger.conversion_problem(
    p_functional_code text,
    p_currency_code text,
    p_currency_amount numeric,
    p_exchange_rate numeric,
    p_amount numeric
)
RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_expected numeric;
BEGIN
    IF p_currency_code = p_functional_code THEN
        RETURN format('ZL014 %s is the functional currency and needs no rate', p_currency_code);
    END IF;
    IF NOT ledger.fits_currency(p_currency_code, p_currency_amount) THEN
        RETURN format('ZL011 %s %s is finer than the currency', p_currency_amount, p_currency_code);
    END IF;
    -- Zero: only the value in the functional currency is adjusted.
    IF p_currency_amount <> 0 THEN
        SELECT round(p_currency_amount * p_exchange_rate, coalesce(c.minor_unit, 4))
        INTO v_expected
        FROM ledger.currencies AS c
        WHERE c.code = p_functional_code;
        IF p_amount <> v_expected THEN
            RETURN format(
                'ZL011 %s %s at rate %s is %s, not %s',
                p_currency_amount, p_currency_code, p_exchange_rate, v_expected, p_amount
            );
        END IF;
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION ledger.conversion_problem(text, text, numeric, numeric, numeric) IS
'SQLSTATE, a blank and the words for what is wrong with a line in another currency than the '
'functional one; NULL: nothing. ZL014 (it is the functional one), ZL011 (finer than the '
'currency, or the amount is not what the rate makes of it). Internal.';
