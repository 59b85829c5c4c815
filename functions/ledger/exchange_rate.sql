-- What a currency is worth in another on a day.
CREATE OR REPLACE FUNCTION ledger.exchange_rate(
    p_currency text,
    p_to_currency text,
    p_on date DEFAULT current_date,
    p_rate_type text DEFAULT 'spot'
)
RETURNS numeric
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant_id integer := identity.current_tenant();
    v_rate numeric;
BEGIN
    IF v_tenant_id IS NULL THEN
        RAISE EXCEPTION 'no token'
        USING ERRCODE = 'ZI001',
            DETAIL = 'The setting pgerp.token is empty, so the tenant is not proved.',
            HINT = 'In each transaction: SELECT set_config(''pgerp.token'', <token>, true).';
    END IF;
    v_rate := ledger.find_exchange_rate(
        v_tenant_id, p_currency, p_to_currency, p_on, p_rate_type
    );
    IF v_rate IS NULL THEN
        RAISE EXCEPTION 'no exchange rate from % to % on %',
            coalesce(p_currency, 'NULL'), coalesce(p_to_currency, 'NULL'),
            coalesce(p_on::text, 'NULL')
        USING ERRCODE = 'ZL050',
            DETAIL = format('Type of the rate: %s.', coalesce(p_rate_type, 'NULL')),
            HINT = 'Add it with ledger.set_exchange_rate.';
    END IF;
    RETURN v_rate;
END;
$$;
COMMENT ON FUNCTION ledger.exchange_rate(text, text, date, text) IS
'Units of p_to_currency for one unit of p_currency, with 10 decimals, as the tenant of the token '
'has them for a date: the newest rate on or before it; else the inverse of the newest one in the '
'other direction; else through the third currency whose older rate is newest (of several, the '
'first by code). Raises ZI001 to ZI003 (token), ZL050 (no rate).';
