-- What a currency is worth in another on a day: on record, inverted, or through a third.
CREATE OR REPLACE FUNCTION ledger.find_exchange_rate(
    p_tenant_id integer,
    p_currency_code text,
    p_to_currency_code text,
    p_on date,
    p_rate_type text DEFAULT 'spot'
)
RETURNS numeric
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_rate numeric;
BEGIN
    IF p_currency_code = p_to_currency_code THEN
        RETURN 1;
    END IF;
    SELECT l.rate INTO v_rate
    FROM ledger.exchange_rate_leg(
        p_tenant_id, p_currency_code, p_to_currency_code, p_on, p_rate_type
    ) AS l;
    IF NOT FOUND THEN
        SELECT f.rate * t.rate INTO v_rate
        FROM ledger.currencies AS p
        CROSS JOIN LATERAL ledger.exchange_rate_leg(
            p_tenant_id, p_currency_code, p.code, p_on, p_rate_type
        ) AS f
        CROSS JOIN LATERAL ledger.exchange_rate_leg(
            p_tenant_id, p.code, p_to_currency_code, p_on, p_rate_type
        ) AS t
        -- Probes of the key, in its order: the whole history would be read otherwise.
        WHERE coalesce(
            (
                SELECT true
                FROM ledger.exchange_rates AS r
                WHERE r.tenant_id = p_tenant_id
                    AND r.currency_code = p_currency_code
                    AND r.to_currency_code = p.code
                    AND r.rate_type = p_rate_type
                    AND r.valid_on <= p_on
                ORDER BY r.valid_on DESC
                LIMIT 1
            ),
            (
                SELECT true
                FROM ledger.exchange_rates AS r
                WHERE r.tenant_id = p_tenant_id
                    AND r.currency_code = p.code
                    AND r.to_currency_code = p_currency_code
                    AND r.rate_type = p_rate_type
                    AND r.valid_on <= p_on
                ORDER BY r.valid_on DESC
                LIMIT 1
            )
        )
        ORDER BY least(f.valid_on, t.valid_on) DESC, p.code
        LIMIT 1;
    END IF;
    -- What a line cannot hold, numeric(20, 10), is no rate.
    v_rate := round(v_rate, 10);
    RETURN CASE WHEN v_rate > 0 AND v_rate < 1e10 THEN v_rate END;
END;
$$;
COMMENT ON FUNCTION ledger.find_exchange_rate(integer, text, text, date, text) IS
'Units of p_to_currency_code for one unit of p_currency_code, as known for the date, rounded to '
'10 decimals: the newest rate on or before it; else the inverse of the newest one in the other '
'direction; else through the third currency whose older rate is newest (of several, the first by '
'code); NULL when there is none.';
