-- without: ledger
-- What the finance service keeps of the books, where they are in another database.
CREATE OR REPLACE VIEW finance.accounting_data_cache WITH (security_invoker = true) AS
SELECT
    m.tenant_id,
    m.business_id,
    u.code AS business,
    m.account_id,
    a.code AS account_code,
    a.name AS account_name,
    a.type_code AS account_type,
    m.period_id,
    p.code AS period,
    p.kind AS period_kind,
    p.starts_on::date AS period_starts_on,
    p.ends_on::date AS period_ends_on,
    m.debit::numeric AS debit,
    m.credit::numeric AS credit,
    m.debit - m.credit AS movement
FROM finance.cached_movements AS m
INNER JOIN identity.businesses AS u ON m.tenant_id = u.tenant_id AND m.business_id = u.id
INNER JOIN finance.cached_accounts AS a
    ON m.tenant_id = a.tenant_id AND m.account_id = a.account_id
INNER JOIN finance.cached_periods AS p
    ON
        m.tenant_id = p.tenant_id
        AND m.business_id = p.business_id
        AND m.period_id = p.period_id;
COMMENT ON VIEW finance.accounting_data_cache IS
'What was posted to each account per business and fiscal period, in the functional currency, as '
'far as the ledger''s events have arrived; movement = debit - credit. Where finance and the ledger '
'share a database it is a view over the ledger''s balances.';
