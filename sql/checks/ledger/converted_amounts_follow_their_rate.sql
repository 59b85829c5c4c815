-- Amounts in the functional currency are what the rate makes of the transaction currency
SELECT
    l.tenant_id,
    l.entry_id,
    l.line_no,
    l.amount,
    l.currency_amount,
    l.exchange_rate
FROM ledger.all_journal_lines AS l
INNER JOIN identity.businesses AS u ON l.tenant_id = u.tenant_id AND l.business_id = u.id
INNER JOIN ledger.currencies AS f ON u.currency_code = f.code
WHERE
    l.currency_code IS NOT NULL
    -- Only the value in the functional currency is adjusted.
    AND l.currency_amount <> 0
    AND l.amount <> round(l.currency_amount * l.exchange_rate, coalesce(f.minor_unit, 4));
