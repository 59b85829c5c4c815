-- What was once the rate of a day stays on record.
CREATE OR REPLACE FUNCTION ledger.guard_exchange_rate()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'the exchange rate %/% of % cannot change or go',
        OLD.currency_code, OLD.to_currency_code, OLD.valid_on
    USING ERRCODE = 'ZL057',
        HINT = 'Correct or withdraw it with ledger.set_exchange_rate, which adds a revision.';
END;
$$;
COMMENT ON FUNCTION ledger.guard_exchange_rate() IS
'Trigger (before update or delete of ledger.exchange_rates, each row). Always raises ZL057.';
