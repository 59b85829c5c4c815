-- No account has a line of another business or currency than it takes
SELECT
    l.tenant_id,
    l.entry_id,
    l.line_no,
    a.code AS account_code
FROM ledger.all_journal_lines AS l
INNER JOIN ledger.accounts AS a ON l.tenant_id = a.tenant_id AND l.account_id = a.id
INNER JOIN identity.businesses AS u ON l.tenant_id = u.tenant_id AND l.business_id = u.id
WHERE
    a.business_id <> l.business_id
    OR a.currency_code <> coalesce(l.currency_code, u.currency_code);
