-- Assets, liabilities and equity on a day, with what was earned and not yet closed to equity.
CREATE OR REPLACE FUNCTION ledger.balance_sheet(p_business_code text, p_as_of date DEFAULT NULL)
RETURNS TABLE (
    account_code text,
    account_name text,
    account_type text,
    amount numeric,
    balance numeric
)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH balances AS (
        SELECT
            a.code,
            a.name,
            t.code AS type_code,
            t.normal_side,
            t.sort_order,
            t.statement,
            sum(v.debit - v.credit) AS balance
        FROM ledger.account_movements(
            identity.current_tenant(), ledger.readable_business(p_business_code), NULL, p_as_of
        ) AS v
        INNER JOIN ledger.accounts AS a
            ON a.tenant_id = identity.current_tenant() AND a.id = v.account_id
        INNER JOIN ledger.account_types AS t ON t.code = a.type_code
        GROUP BY a.code, a.name, t.code, t.normal_side, t.sort_order, t.statement
    )

    SELECT
        s.code,
        s.name,
        s.type_code,
        s.balance * s.normal_side,
        s.balance
    FROM (
        SELECT
            b.code::text AS code,
            b.name::text AS name,
            b.type_code,
            b.normal_side,
            b.sort_order,
            b.balance
        FROM balances AS b
        WHERE b.statement = 'balance_sheet'
        UNION ALL
        SELECT
            NULL,
            'Current earnings',
            t.code,
            t.normal_side,
            t.sort_order,
            (
                SELECT coalesce(sum(b.balance), 0.0000)
                FROM balances AS b
                WHERE b.statement = 'income_statement'
            )
        FROM ledger.account_types AS t
        WHERE t.code = 'EQUITY' AND identity.current_tenant() IS NOT NULL
    ) AS s
    ORDER BY s.sort_order, s.code COLLATE "C" NULLS LAST;
$$;
COMMENT ON FUNCTION ledger.balance_sheet(text, date) IS
'Assets, liabilities and equity as of a date (NULL: everything posted), of one business or '
'consolidated (NULL). One row without account code, Current earnings, holds what revenue and '
'expenses not yet closed to equity come to, so that the sum of balance is always zero. amount: '
'positive on the normal side of its type; balance: debit positive. Raises ZI002, ZI003 (token), '
'ZI005 (no such business), ZL020 (several functional currencies).';
