-- requires: identity.current_tenant
-- Carry foreign balances at the rate of a day, until the next day.
CREATE OR REPLACE FUNCTION ledger.revalue(
    p_business_code text,
    p_as_of date,
    p_accounts text[] DEFAULT NULL,
    p_rate_type text DEFAULT 'spot',
    p_reversed_on date DEFAULT NULL,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_number bigint;
    v_unknown text;
    v_balance record;
    v_difference numeric;
    v_gain numeric := 0;
    v_loss numeric := 0;
    v_lines ledger.new_line[] := ARRAY[]::ledger.new_line[];
    v_entry_id uuid := core.uuid_v7();
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.revalue');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    IF p_as_of IS NULL OR p_reversed_on <= p_as_of THEN
        RAISE EXCEPTION 'a revaluation needs a date, and is reversed after it'
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Leave p_reversed_on out: it is reversed on the next day.';
    END IF;
    SELECT c.code INTO v_unknown
    FROM unnest(p_accounts) AS c (code)
    WHERE NOT EXISTS (
        SELECT FROM ledger.accounts AS a
        WHERE a.tenant_id = p_tenant_id
            AND a.code = c.code
            AND a.is_monetary
            AND a.type_code IN ('ASSET', 'LIABILITY')
    )
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'no such monetary account: %', coalesce(v_unknown, 'NULL')
        USING ERRCODE = 'ZL007',
            HINT = 'Only assets and liabilities with is_monetary are revalued.';
    END IF;
    -- The counter makes two at once wait for each other, or clash: each posts what is missing.
    v_number := core.next_number('revaluation', v_business.id, p_tenant_id);
    PERFORM ledger.keep_periods(p_tenant_id, ARRAY(
        SELECT p.id
        FROM ledger.fiscal_periods AS p
        WHERE p.tenant_id = p_tenant_id
            AND p.business_id = v_business.id
            AND p.kind = 'regular'
            AND (
                p_as_of BETWEEN p.starts_on AND p.ends_on
                OR coalesce(p_reversed_on, p_as_of + 1) BETWEEN p.starts_on AND p.ends_on
            )
    ));
    FOR v_balance IN
        WITH balances AS MATERIALIZED (
            SELECT b.*
            FROM ledger.foreign_balances(p_tenant_id, v_business.id, p_as_of) AS b
        ),

        rates AS MATERIALIZED (
            SELECT
                c.currency_code,
                ledger.find_exchange_rate(
                    p_tenant_id, c.currency_code, v_business.currency_code, p_as_of, p_rate_type
                ) AS rate
            FROM (SELECT DISTINCT b.currency_code FROM balances AS b) AS c
        )

        SELECT
            b.*,
            r.rate,
            a.code,
            coalesce(f.minor_unit, 4)::integer AS decimals
        FROM balances AS b
        INNER JOIN rates AS r ON r.currency_code = b.currency_code
        INNER JOIN ledger.accounts AS a ON a.tenant_id = p_tenant_id AND a.id = b.account_id
        INNER JOIN ledger.currencies AS f ON f.code = v_business.currency_code
        WHERE p_accounts IS NULL OR a.code = ANY (p_accounts)
        ORDER BY a.code COLLATE "C", b.currency_code, b.counterparty COLLATE "C"
    LOOP
        IF v_balance.rate IS NULL AND v_balance.currency_amount <> 0 THEN
            RAISE EXCEPTION 'no exchange rate from % to % on %',
                v_balance.currency_code, v_business.currency_code, p_as_of
            USING ERRCODE = 'ZL050',
                DETAIL = format(
                    'Account %s has %s %s.', v_balance.code, v_balance.currency_amount,
                    v_balance.currency_code
                ),
                HINT = 'Add it with ledger.set_exchange_rate.';
        END IF;
        v_difference := coalesce(
            round(v_balance.currency_amount * v_balance.rate, v_balance.decimals), 0
        ) - v_balance.value;
        CONTINUE WHEN v_difference = 0;
        v_gain := v_gain + greatest(v_difference, 0);
        v_loss := v_loss + greatest(-v_difference, 0);
        v_lines := v_lines || ROW(
            v_balance.account_id, v_difference, v_balance.currency_code, 0,
            coalesce(v_balance.rate, 1), NULL, NULL, v_balance.counterparty, NULL
        )::ledger.new_line;
    END LOOP;
    IF v_lines = '{}' THEN
        RETURN NULL;
    END IF;
    IF v_gain <> 0 THEN
        v_lines := v_lines || ROW(
            ledger.account_for_role(p_tenant_id, v_business.id, 'unrealised_exchange_gain'),
            -v_gain, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        )::ledger.new_line;
    END IF;
    IF v_loss <> 0 THEN
        v_lines := v_lines || ROW(
            ledger.account_for_role(p_tenant_id, v_business.id, 'unrealised_exchange_loss'),
            v_loss, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        )::ledger.new_line;
    END IF;
    PERFORM ledger.insert_entry(
        p_tenant_id,
        v_business.id,
        p_as_of,
        'POSTED',
        format('Revaluation of foreign balances on %s', p_as_of),
        v_lines,
        p_source_module => 'ledger',
        p_source_id => format('revaluation/%s', v_number),
        p_entry_id => v_entry_id
    );
    PERFORM ledger.reverse_entry(
        p_tenant_id,
        v_entry_id,
        format('Revaluation of %s ends', p_as_of),
        coalesce(p_reversed_on, p_as_of + 1)
    );
    RETURN v_entry_id;
END;
$$;
COMMENT ON FUNCTION ledger.revalue(text, date, text[], text, date, integer) IS
'Posts, dated p_as_of, the difference between what monetary asset and liability accounts hold in '
'other currencies, at the rate of that day, and what the books carry for it, with a line for each '
'counterparty (so that ledger.aged_balances is right for each), to the accounts with '
'the roles unrealised_exchange_gain and unrealised_exchange_loss; reverses it on p_reversed_on '
'(NULL: the next day); returns the id of the entry, whose reversal is in ledger.reversals. A '
'second call posts what has changed since; NULL: nothing. p_accounts: codes, NULL: all. Raises '
'22023 (no date, or reversed before it), ZI001 to ZI007 (token, business), ZL002, ZL003 (period '
'of either date), ZL007 (no such monetary account), ZL010 (account inactive), ZL024 (no account '
'has the role), ZL050 (no rate).';
