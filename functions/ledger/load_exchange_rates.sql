-- requires: identity.current_tenant
-- Put many exchange rates on record, all or none.
CREATE OR REPLACE FUNCTION ledger.load_exchange_rates(
    p_rates jsonb,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_bad record;
    v_count integer;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.set_rates');
    IF jsonb_typeof(p_rates) IS DISTINCT FROM 'array' THEN
        RAISE EXCEPTION 'the rates are not a JSON array'
        USING ERRCODE = 'ZL015',
            HINT = 'See the comment of the function for their shape.';
    END IF;
    SELECT
        g.ordinal,
        g.sqlstate,
        g.problem
    INTO v_bad
    FROM ledger.parse_exchange_rates(p_rates) AS g
    WHERE g.problem IS NOT NULL
    ORDER BY g.ordinal
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'rate %: %', v_bad.ordinal, v_bad.problem
        USING ERRCODE = v_bad.sqlstate,
            DETAIL = format('The rate: %s.', left((p_rates -> (v_bad.ordinal - 1))::text, 500)),
            HINT = 'Correct it and send them again; none was kept.';
    END IF;
    -- One at a time corrects rates, so that each sees the newest revision.
    PERFORM FROM identity.tenants AS t WHERE t.id = p_tenant_id FOR NO KEY UPDATE;
    INSERT INTO ledger.exchange_rates (
        tenant_id, currency_code, to_currency_code, rate_type, valid_on, revision, rate, source
    )
    SELECT
        p_tenant_id,
        g.currency_code,
        g.to_currency_code,
        g.rate_type,
        g.valid_on,
        coalesce(o.revision, 0) + 1,
        g.rate,
        g.source
    FROM ledger.parse_exchange_rates(p_rates) AS g
    LEFT JOIN LATERAL (
        SELECT
            r.revision,
            r.rate,
            r.source
        FROM ledger.exchange_rates AS r
        WHERE r.tenant_id = p_tenant_id
            AND r.currency_code = g.currency_code
            AND r.to_currency_code = g.to_currency_code
            AND r.rate_type = g.rate_type
            AND r.valid_on = g.valid_on
        ORDER BY r.revision DESC
        LIMIT 1
    ) AS o ON true
    WHERE (g.rate, g.source) IS DISTINCT FROM (o.rate, o.source)
        AND (g.rate IS NOT NULL OR o.rate IS NOT NULL);
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END;
$$;
COMMENT ON FUNCTION ledger.load_exchange_rates(jsonb, integer) IS
'Puts exchange rates on record and returns how many were new or other than before. p_rates: '
'[{"currency": "EUR", "to_currency": "USD", "valid_on": "2026-03-31", "rate": "1.0832", "source": '
'"ECB", "rate_type": "spot"}, …]: one of currency is worth rate of to_currency; at most 10 '
'decimals, as text or number; rate null withdraws that day''s; source (default manual) and '
'rate_type (default spot) may be left out. Another rate for a day is kept as its next revision; '
'posted lines do not change. Raises ZI001 to ZI004 (token), ZL014 (currency unknown or '
'withdrawn), ZL015 (shape), ZL051 (a rate is malformed, or given twice).';
