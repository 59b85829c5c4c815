-- Revenue and expenses of two spans of days side by side.
CREATE OR REPLACE FUNCTION ledger.income_statement_comparative(
    p_business_code text,
    p_from date,
    p_to date,
    p_compare_from date,
    p_compare_to date
)
RETURNS TABLE (
    account_code text,
    account_name text,
    account_type text,
    amount numeric,
    compare_amount numeric,
    difference numeric,
    percent numeric
)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        c.account_code,
        c.account_name,
        c.account_type,
        c.amount,
        c.compare_amount,
        c.amount - c.compare_amount,
        round(100 * (c.amount - c.compare_amount) / nullif(abs(c.compare_amount), 0), 2)
    FROM (
        SELECT
            s.account_code,
            s.account_name,
            s.account_type,
            sum(s.amount) AS amount,
            sum(s.compare_amount) AS compare_amount
        FROM (
            SELECT
                n.account_code,
                n.account_name,
                n.account_type,
                n.amount,
                0.0000 AS compare_amount
            FROM ledger.income_statement(p_business_code, p_from, p_to) AS n
            UNION ALL
            SELECT
                o.account_code,
                o.account_name,
                o.account_type,
                0.0000,
                o.amount
            FROM ledger.income_statement(p_business_code, p_compare_from, p_compare_to) AS o
        ) AS s
        GROUP BY s.account_code, s.account_name, s.account_type
    ) AS c
    INNER JOIN ledger.account_types AS t ON t.code = c.account_type
    ORDER BY t.sort_order, c.account_code COLLATE "C";
$$;
COMMENT ON FUNCTION ledger.income_statement_comparative(text, date, date, date, date) IS
'The income statement of p_from to p_to beside the one of p_compare_from to p_compare_to, as '
'ledger.income_statement gives them: the difference is amount less compare_amount, percent the '
'difference in hundredths of the size of compare_amount, rounded to 2 decimals (NULL where that '
'is zero). Raises ZI002, ZI003 (token), ZI005 (no such business), ZL020 (several functional '
'currencies).';
