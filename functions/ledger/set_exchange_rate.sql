-- requires: identity.current_tenant
-- Put one exchange rate on record, or correct or withdraw it.
CREATE OR REPLACE FUNCTION ledger.set_exchange_rate(
    p_currency text,
    p_to_currency text,
    p_valid_on date,
    p_rate numeric,
    p_source text DEFAULT 'manual',
    p_rate_type text DEFAULT 'spot',
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.set_rates');
    RETURN ledger.load_exchange_rates(
        jsonb_build_array(jsonb_build_object(
            'currency', p_currency,
            'to_currency', p_to_currency,
            'valid_on', to_jsonb(p_valid_on),
            'rate', p_rate,
            'source', p_source,
            'rate_type', p_rate_type
        )),
        p_tenant_id
    ) = 1;
END;
$$;
COMMENT ON FUNCTION ledger.set_exchange_rate(text, text, date, numeric, text, text, integer) IS
'Puts on record that from p_valid_on on, until a later rate, one p_currency is worth p_rate of '
'p_to_currency (at most 10 decimals; NULL withdraws that day''s rate), who says so (ECB, CBK, '
'manual) and of which type it is. What the day had before is kept as an earlier revision; posted '
'lines do not change. False: it was so already. Raises ZI001 to ZI004 (token), ZL014 (currency '
'unknown or withdrawn), ZL051 (malformed).';
