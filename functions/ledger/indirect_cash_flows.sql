-- Cash flows from what other accounts did: net income, and the changes of their balances.
CREATE OR REPLACE FUNCTION ledger.indirect_cash_flows(
    p_tenant_id integer,
    p_business_id integer,
    p_from date,
    p_to date
)
RETURNS TABLE (
    section text,
    item text,
    account_code text,
    account_name text,
    amount numeric
)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH moved AS MATERIALIZED (
        SELECT
            a.code::text AS code,
            a.name::text AS name,
            t.statement = 'income_statement' AS is_income,
            coalesce(
                a.cash_flow_activity,
                CASE a.type_code WHEN 'EQUITY' THEN 'financing' ELSE 'operating' END
            ) AS activity,
            sum(v.credit - v.debit) AS amount
        FROM ledger.account_movements(
            p_tenant_id, p_business_id, p_from, p_to, p_with_closing => false
        ) AS v
        INNER JOIN ledger.accounts AS a ON a.tenant_id = p_tenant_id AND a.id = v.account_id
        INNER JOIN ledger.account_types AS t ON t.code = a.type_code
        WHERE a.cash_flow_activity IS DISTINCT FROM 'cash'
        GROUP BY a.code, a.name, t.statement, a.cash_flow_activity, a.type_code
    )

    SELECT
        'operating',
        'net_income',
        NULL,
        'Net income',
        coalesce(sum(m.amount), 0.0000)
    FROM moved AS m
    WHERE m.is_income
    UNION ALL
    SELECT
        'operating',
        'adjustment',
        m.code,
        m.name,
        -m.amount
    FROM moved AS m
    WHERE m.is_income AND m.activity <> 'operating' AND m.amount <> 0
    UNION ALL
    SELECT
        m.activity,
        'change',
        m.code,
        m.name,
        m.amount
    FROM moved AS m
    WHERE (NOT m.is_income OR m.activity <> 'operating') AND m.amount <> 0;
$$;
COMMENT ON FUNCTION ledger.indirect_cash_flows(integer, integer, date, date) IS
'The flows of ledger.cash_flow_statement by the indirect method, without its totals, under the '
'caller''s row security.';
