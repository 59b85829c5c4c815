-- Assets, liabilities and equity at the end of a period, as far as finance knows the books.
CREATE OR REPLACE FUNCTION finance.balance_sheet(
    p_business_code text,
    p_as_of date DEFAULT NULL
)
RETURNS TABLE (
    account_code text,
    account_name text,
    account_type text,
    amount numeric,
    balance numeric
)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH totals AS (
        SELECT m.*
        FROM finance.account_totals(p_business_code, NULL, p_as_of) AS m
    )

    SELECT
        s.code,
        s.name,
        s.type_code,
        s.balance * s.normal_side,
        s.balance
    FROM (
        SELECT
            m.account_code AS code,
            m.account_name AS name,
            m.account_type AS type_code,
            m.normal_side,
            m.sort_order,
            m.balance
        FROM totals AS m
        WHERE m.statement = 'balance_sheet'
        UNION ALL
        SELECT
            NULL,
            'Current earnings',
            'EQUITY',
            -1,
            3,
            (
                SELECT coalesce(sum(m.balance), 0.0000)
                FROM totals AS m
                WHERE m.statement = 'income_statement'
            )
        WHERE identity.current_tenant() IS NOT NULL
    ) AS s
    ORDER BY s.sort_order, s.code COLLATE "C" NULLS LAST;
$$;
COMMENT ON FUNCTION finance.balance_sheet(text, date) IS
'What ledger.balance_sheet says, by whole fiscal periods: from the books where they are in this '
'database, otherwise from what of them has arrived. p_as_of: the last day of a period, NULL: '
'everything. Raises ZI002, ZI003 (token), ZI005 (no such business), ZL020 (several functional '
'currencies), ZF008 (p_as_of cuts a period).';
