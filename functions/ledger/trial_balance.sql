-- Every account that has lines, with its balance on the side it falls.
CREATE OR REPLACE FUNCTION ledger.trial_balance(
    p_business_code text DEFAULT NULL,
    p_as_of date DEFAULT NULL
)
RETURNS TABLE (
    account_code text,
    account_name text,
    account_type text,
    debit numeric,
    credit numeric,
    balance numeric
)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        a.code,
        a.name,
        a.type_code,
        greatest(m.balance, 0.0000),
        greatest(-m.balance, 0.0000),
        m.balance
    FROM (
        SELECT
            v.account_id,
            sum(v.debit - v.credit) AS balance
        FROM ledger.account_movements(
            identity.current_tenant(), ledger.readable_business(p_business_code), NULL, p_as_of
        ) AS v
        GROUP BY v.account_id
    ) AS m
    INNER JOIN ledger.accounts AS a
        ON a.tenant_id = identity.current_tenant() AND a.id = m.account_id
    ORDER BY a.code COLLATE "C";
$$;
COMMENT ON FUNCTION ledger.trial_balance(text, date) IS
'The trial balance as of a date (NULL: everything posted), of one business or consolidated '
'(NULL): each account with lines, its balance (debit positive) shown in the debit or the credit '
'column. The two columns have equal sums. Raises ZI002, ZI003 (token), ZI005 (no such business), '
'ZL020 (several functional currencies).';
