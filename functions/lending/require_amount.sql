-- Money of a loan is in whole units of its currency.
CREATE OR REPLACE FUNCTION lending.require_amount(
    p_loan lending.loans,
    p_amount numeric,
    p_most numeric DEFAULT NULL,
    p_what text DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (
        p_amount > 0 AND p_amount < 1e16 AND scale(trim_scale(p_amount)) <= p_loan.minor_units
    ) IS NOT true THEN
        RAISE EXCEPTION 'not an amount of loan %', p_loan.loan_no
        USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('Given: %s.', coalesce(p_amount::text, 'NULL')),
            HINT = format(
                'It is more than 0, with up to %s decimals of %s.', p_loan.minor_units,
                p_loan.currency_code
            );
    ELSIF p_amount > p_most THEN
        RAISE EXCEPTION 'too much for loan %', p_loan.loan_no
        USING ERRCODE = 'ZO038',
            DETAIL = format('%s is %s, not %s.', p_what, p_most, p_amount),
            HINT = 'Give that or less.';
    END IF;
END;
$$;
COMMENT ON FUNCTION lending.require_amount(lending.loans, numeric, numeric, text) IS
'Raises 22023 (not more than 0, or finer than the currency), ZO038 (more than p_most, which p_what '
'names). Internal.';
