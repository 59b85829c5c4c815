-- Every account that has lines, with what it had before, what moved, and what it has after.
CREATE OR REPLACE FUNCTION ledger.trial_balance_movements(
    p_business_code text,
    p_from date,
    p_to date
)
RETURNS TABLE (
    account_code text,
    account_name text,
    account_type text,
    opening numeric,
    debit numeric,
    credit numeric,
    closing numeric
)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        a.code,
        a.name,
        a.type_code,
        m.opening,
        m.debit,
        m.credit,
        m.opening + m.debit - m.credit
    FROM (
        SELECT
            u.account_id,
            sum(u.opening) AS opening,
            sum(u.debit) AS debit,
            sum(u.credit) AS credit
        FROM (
            SELECT
                v.account_id,
                v.debit - v.credit AS opening,
                0.0000 AS debit,
                0.0000 AS credit
            FROM ledger.account_movements(
                identity.current_tenant(),
                ledger.readable_business(p_business_code),
                NULL,
                p_from - 1
            ) AS v
            WHERE p_from IS NOT NULL
            UNION ALL
            SELECT
                v.account_id,
                0.0000,
                v.debit,
                v.credit
            FROM ledger.account_movements(
                identity.current_tenant(), ledger.readable_business(p_business_code), p_from, p_to
            ) AS v
        ) AS u
        GROUP BY u.account_id
    ) AS m
    INNER JOIN ledger.accounts AS a
        ON a.tenant_id = identity.current_tenant() AND a.id = m.account_id
    ORDER BY a.code COLLATE "C";
$$;
COMMENT ON FUNCTION ledger.trial_balance_movements(text, date, date) IS
'The trial balance of a span of days, both included (NULL: without bound), of one business or '
'consolidated (NULL): each account with lines up to its end, the balance before it (debit '
'positive), what was debited and credited in it, and the balance after it. The sums of opening '
'and closing are zero, those of debit and credit equal. Raises ZI002, ZI003 (token), ZI005 (no '
'such business), ZL020 (several functional currencies).';
