-- The balance sheets of two days side by side.
CREATE OR REPLACE FUNCTION ledger.balance_sheet_comparative(
    p_business_code text,
    p_as_of date,
    p_compare_as_of date
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
            FROM ledger.balance_sheet(p_business_code, p_as_of) AS n
            UNION ALL
            SELECT
                o.account_code,
                o.account_name,
                o.account_type,
                0.0000,
                o.amount
            FROM ledger.balance_sheet(p_business_code, p_compare_as_of) AS o
        ) AS s
        GROUP BY s.account_code, s.account_name, s.account_type
    ) AS c
    INNER JOIN ledger.account_types AS t ON t.code = c.account_type
    ORDER BY t.sort_order, c.account_code COLLATE "C" NULLS LAST;
$$;
COMMENT ON FUNCTION ledger.balance_sheet_comparative(text, date, date) IS
'The balance sheet of p_as_of beside the one of p_compare_as_of, as ledger.balance_sheet gives '
'them: the difference is amount less compare_amount, percent the difference in hundredths of the '
'size of compare_amount, rounded to 2 decimals (NULL where that is zero). Raises ZI002, ZI003 '
'(token), ZI005 (no such business), ZL020 (several functional currencies).';
