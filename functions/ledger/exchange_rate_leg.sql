-- The newest rate between two currencies that is on record in either direction.
CREATE OR REPLACE FUNCTION ledger.exchange_rate_leg(
    p_tenant_id integer,
    p_currency_code text,
    p_to_currency_code text,
    p_on date,
    p_rate_type text
)
RETURNS TABLE (rate numeric, valid_on date)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT
        d.rate::numeric,
        d.valid_on
    FROM (
        SELECT DISTINCT ON (r.valid_on)
            r.valid_on,
            r.rate
        FROM ledger.exchange_rates AS r
        WHERE r.tenant_id = p_tenant_id
            AND r.currency_code = p_currency_code
            AND r.to_currency_code = p_to_currency_code
            AND r.rate_type = p_rate_type
            AND r.valid_on <= p_on
        ORDER BY r.valid_on DESC, r.revision DESC
    ) AS d
    WHERE d.rate IS NOT NULL
    LIMIT 1;
    IF FOUND THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT
        1 / d.rate::numeric,
        d.valid_on
    FROM (
        SELECT DISTINCT ON (r.valid_on)
            r.valid_on,
            r.rate
        FROM ledger.exchange_rates AS r
        WHERE r.tenant_id = p_tenant_id
            AND r.currency_code = p_to_currency_code
            AND r.to_currency_code = p_currency_code
            AND r.rate_type = p_rate_type
            AND r.valid_on <= p_on
        ORDER BY r.valid_on DESC, r.revision DESC
    ) AS d
    WHERE d.rate IS NOT NULL
    LIMIT 1;
END;
$$;
COMMENT ON FUNCTION ledger.exchange_rate_leg(integer, text, text, date, text) IS
'The rate on record from one currency to another that was newest on the date, not rounded, with '
'its day; else the inverse of that in the other direction; no row when there is neither. '
'Withdrawn rates are passed over. Read by ledger.find_exchange_rate.';
