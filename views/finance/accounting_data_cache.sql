-- links: ledger
-- What the finance service keeps of the books.
CREATE OR REPLACE VIEW finance.accounting_data_cache WITH (security_invoker = true) AS
SELECT
    s.tenant_id,
    s.business_id,
    u.code AS business,
    s.account_id,
    a.code AS account_code,
    a.name AS account_name,
    a.type_code AS account_type,
    s.period_id,
    p.code AS period,
    p.kind AS period_kind,
    p.starts_on AS period_starts_on,
    p.ends_on AS period_ends_on,
    s.debit,
    s.credit,
    s.debit - s.credit AS movement
FROM (
    SELECT
        b.tenant_id,
        b.business_id,
        b.account_id,
        b.period_id,
        sum(b.debit) AS debit,
        sum(b.credit) AS credit
    FROM ledger.account_balances AS b
    GROUP BY b.tenant_id, b.business_id, b.account_id, b.period_id
) AS s
INNER JOIN identity.businesses AS u ON s.tenant_id = u.tenant_id AND s.business_id = u.id
INNER JOIN ledger.accounts AS a ON s.tenant_id = a.tenant_id AND s.account_id = a.id
INNER JOIN ledger.fiscal_periods AS p
    ON
        s.tenant_id = p.tenant_id
        AND s.business_id = p.business_id
        AND s.period_id = p.id;
COMMENT ON VIEW finance.accounting_data_cache IS
'What was posted to each account per business and fiscal period, in the functional currency; '
'movement = debit - credit. A view over the ledger''s balances where both live in one database; '
'where finance has a database of its own, a table of the same name and columns that events of the '
'ledger feed.';
