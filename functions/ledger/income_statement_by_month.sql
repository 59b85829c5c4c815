-- Revenue and expenses, a row for each account and month.
CREATE OR REPLACE FUNCTION ledger.income_statement_by_month(
    p_business_code text,
    p_from date DEFAULT NULL,
    p_to date DEFAULT NULL
)
RETURNS TABLE (
    month date,
    account_code text,
    account_name text,
    account_type text,
    amount numeric,
    balance numeric
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant_id integer := identity.current_tenant();
    v_business_id integer := ledger.readable_business(p_business_code);
    v_from date := p_from;
    v_to date := p_to;
BEGIN
    IF v_from IS NULL OR v_to IS NULL THEN
        SELECT
            coalesce(v_from, min(p.starts_on)),
            coalesce(v_to, max(p.ends_on))
        INTO v_from, v_to
        FROM ledger.fiscal_periods AS p
        WHERE p.tenant_id = v_tenant_id
            AND (v_business_id IS NULL OR p.business_id = v_business_id)
            AND EXISTS (
                SELECT FROM ledger.account_balances AS b
                WHERE b.tenant_id = p.tenant_id
                    AND b.business_id = p.business_id
                    AND b.period_id = p.id
            );
    END IF;
    IF NOT (isfinite(v_from) AND isfinite(v_to)) THEN
        RAISE EXCEPTION 'the months from % to % have no end', v_from, v_to
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Give dates, or NULL for all months with postings.';
    END IF;
    RETURN QUERY
    SELECT
        m.first_day::date,
        s.account_code,
        s.account_name,
        s.account_type,
        s.amount,
        s.balance
    FROM generate_series(
        date_trunc('month', v_from::timestamp), v_to::timestamp, interval '1 month'
    ) WITH ORDINALITY AS m (first_day, month_no)
    CROSS JOIN LATERAL ledger.income_statement(
        p_business_code,
        greatest(m.first_day::date, v_from),
        least((m.first_day + interval '1 month')::date - 1, v_to)
    ) WITH ORDINALITY AS s (
        account_code, account_name, account_type, amount, balance, account_no
    )
    ORDER BY m.month_no, s.account_no;
END;
$$;
COMMENT ON FUNCTION ledger.income_statement_by_month(text, date, date) IS
'The income statement of each calendar month from p_from to p_to, both included (NULL: from the '
'first or to the last period with postings); month is its first day, the rest as in '
'ledger.income_statement. Raises ZI002, ZI003 (token), ZI005 (no such business), ZL020 (several '
'functional currencies), 22023 (a date is infinite).';
