-- Revenue and expenses of whole periods, as far as finance knows the books.
CREATE OR REPLACE FUNCTION finance.income_statement(p_business_code text, p_from date, p_to date)
RETURNS TABLE (
    account_code text,
    account_name text,
    account_type text,
    amount numeric,
    balance numeric
)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        m.account_code,
        m.account_name,
        m.account_type,
        m.balance * m.normal_side,
        m.balance
    FROM finance.account_totals(p_business_code, p_from, p_to, p_with_closing => false) AS m
    WHERE m.statement = 'income_statement'
    ORDER BY m.sort_order, m.account_code COLLATE "C";
$$;
COMMENT ON FUNCTION finance.income_statement(text, date, date) IS
'What ledger.income_statement says, by whole fiscal periods: from the books where they are in this '
'database, otherwise from what of them has arrived. p_from and p_to: the first day of a period and '
'the last of one, NULL: without bound. Raises ZI002, ZI003 (token), ZI005 (no such business), '
'ZL020 (several functional currencies), ZF008 (a period is cut).';
