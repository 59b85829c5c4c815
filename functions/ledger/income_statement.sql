-- Revenue and expenses between two dates.
CREATE OR REPLACE FUNCTION ledger.income_statement(p_business_code text, p_from date, p_to date)
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
        a.code,
        a.name,
        a.type_code,
        m.balance * t.normal_side,
        m.balance
    FROM (
        SELECT
            v.account_id,
            sum(v.debit - v.credit) AS balance
        FROM ledger.account_movements(
            identity.current_tenant(),
            ledger.readable_business(p_business_code),
            p_from,
            p_to,
            p_with_closing => false
        ) AS v
        GROUP BY v.account_id
    ) AS m
    INNER JOIN ledger.accounts AS a
        ON a.tenant_id = identity.current_tenant() AND a.id = m.account_id
    INNER JOIN ledger.account_types AS t ON t.code = a.type_code
    WHERE t.statement = 'income_statement'
    ORDER BY t.sort_order, a.code COLLATE "C";
$$;
COMMENT ON FUNCTION ledger.income_statement(text, date, date) IS
'Revenue and expense accounts that moved from p_from to p_to, both included (NULL: without '
'bound), of one business or consolidated (NULL), without the entries that close a year. amount: '
'positive as statements show revenue and expenses; balance: debit positive. Net income is the sum '
'of -balance. Raises ZI002, ZI003 (token), ZI005 (no such business), ZL020 (several functional '
'currencies).';
