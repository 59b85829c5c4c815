-- The lines that take what a fiscal year has earned to another account.
CREATE OR REPLACE FUNCTION ledger.closing_lines(
    p_tenant_id integer,
    p_business_id integer,
    p_fiscal_year_id uuid
)
RETURNS ledger.new_line[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_lines ledger.new_line[];
    v_total numeric;
BEGIN
    -- Both currencies go to zero. One line does it where some rate turns the one balance into the
    -- other; else a second line adjusts the functional currency alone.
    WITH results AS (
        SELECT
            r.account_id,
            r.currency_code,
            a.code,
            coalesce(f.minor_unit, 4) AS digits,
            r.currency_code = u.currency_code AND r.amount = r.currency_amount AS is_plain,
            r.amount,
            r.currency_amount,
            CASE
                WHEN r.amount * r.currency_amount > 0
                    AND abs(r.amount) < abs(r.currency_amount) * 9999999999
                    THEN round(r.amount / r.currency_amount, 10)
            END AS mean_rate
        FROM ledger.year_result(p_tenant_id, p_business_id, p_fiscal_year_id) AS r
        INNER JOIN ledger.accounts AS a ON a.tenant_id = p_tenant_id AND a.id = r.account_id
        INNER JOIN identity.businesses AS u ON u.tenant_id = p_tenant_id AND u.id = p_business_id
        INNER JOIN ledger.currencies AS f ON f.code = u.currency_code
    ),

    rated AS (
        SELECT
            r.*,
            CASE
                WHEN round(r.currency_amount * r.mean_rate, r.digits) <> 0 THEN r.mean_rate
                WHEN abs(r.currency_amount) BETWEEN 0.0001 AND 1 THEN 10000
                ELSE 1
            END AS rate
        FROM results AS r
    ),

    lines AS (
        SELECT
            r.code,
            r.currency_code,
            l.part,
            ROW(
                r.account_id, -l.amount, l.currency_code, -l.currency_amount, l.rate,
                NULL, NULL, NULL, NULL
            )::ledger.new_line AS line
        FROM rated AS r
        CROSS JOIN LATERAL (
            SELECT round(r.currency_amount * r.rate, r.digits) AS amount
        ) AS c
        CROSS JOIN LATERAL (
            VALUES
            (1, r.is_plain, r.amount, NULL, NULL, NULL),
            (2, NOT r.is_plain, c.amount, r.currency_code, r.currency_amount, r.rate),
            (3, NOT r.is_plain, r.amount - c.amount, r.currency_code, 0, r.rate)
        ) AS l (part, is_wanted, amount, currency_code, currency_amount, rate)
        WHERE l.is_wanted AND l.amount <> 0
    )

    SELECT
        array_agg(s.line ORDER BY s.code COLLATE "C", s.currency_code, s.part),
        -sum((s.line).amount)
    INTO v_lines, v_total
    FROM lines AS s;
    IF v_total <> 0 THEN
        v_lines := v_lines || ROW(
            ledger.account_for_role(p_tenant_id, p_business_id, 'retained_earnings'),
            v_total, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        )::ledger.new_line;
    END IF;
    RETURN coalesce(v_lines, '{}');
END;
$$;
COMMENT ON FUNCTION ledger.closing_lines(integer, integer, uuid) IS
'Lines that bring every revenue and expense account of a fiscal year to zero, in the functional '
'and in each transaction currency, and the result to the account of the role retained_earnings; '
'empty where nothing is left. Internal. Raises ZL024 (no account has the role).';
