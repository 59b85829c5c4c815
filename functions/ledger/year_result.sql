-- What revenue and expense accounts have left in the periods of a fiscal year.
CREATE OR REPLACE FUNCTION ledger.year_result(
    p_tenant_id integer,
    p_business_id integer,
    p_fiscal_year_id uuid
)
RETURNS TABLE (account_id uuid, currency_code text, amount numeric, currency_amount numeric)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        b.account_id,
        b.currency_code::text,
        sum(b.debit - b.credit),
        sum(b.currency_amount)
    FROM ledger.fiscal_periods AS p
    INNER JOIN ledger.account_balances AS b
        ON b.tenant_id = p.tenant_id AND b.business_id = p.business_id AND b.period_id = p.id
    INNER JOIN ledger.accounts AS a ON a.tenant_id = b.tenant_id AND a.id = b.account_id
    INNER JOIN ledger.account_types AS t ON t.code = a.type_code
    WHERE p.tenant_id = p_tenant_id
        AND p.business_id = p_business_id
        AND p.fiscal_year_id = p_fiscal_year_id
        AND t.statement = 'income_statement'
    GROUP BY b.account_id, b.currency_code
    HAVING sum(b.debit - b.credit) <> 0 OR sum(b.currency_amount) <> 0;
$$;
COMMENT ON FUNCTION ledger.year_result(integer, integer, uuid) IS
'The balance of each revenue and expense account per transaction currency, debit positive, over '
'all periods of a fiscal year, the closing one too: amount in the functional currency, '
'currency_amount in the transaction currency. No row: nothing is left. Internal.';
