-- What happened to loans each day, by kind.
CREATE OR REPLACE VIEW lending.vw_daily_transactions WITH (security_invoker = true) AS
SELECT
    t.tenant_id,
    t.business_id,
    u.code::text AS business_code,
    t.effective_on::date AS transaction_date,
    t.kind AS transaction_type,
    l.currency_code::text AS currency_code,
    count(*) AS transactions,
    sum(coalesce(m.cash, 0)) AS cash,
    sum(coalesce(m.principal, 0)) AS principal,
    sum(coalesce(m.interest, 0)) AS interest,
    sum(coalesce(m.fees, 0)) AS fees,
    sum(coalesce(m.penalties, 0)) AS penalties,
    sum(coalesce(m.advance, 0)) AS advance,
    sum(coalesce(t.amount::numeric, -m.principal - m.interest - m.fees - m.penalties, 0)) AS amount
FROM lending.transactions AS t
INNER JOIN identity.businesses AS u ON t.tenant_id = u.tenant_id AND t.business_id = u.id
INNER JOIN lending.loans AS l ON t.tenant_id = l.tenant_id AND t.loan_id = l.id
LEFT JOIN LATERAL (
    SELECT
        sum(n.cash::numeric) AS cash,
        sum(n.principal::numeric) AS principal,
        sum(n.interest::numeric) AS interest,
        sum(n.fees::numeric) AS fees,
        sum(n.penalties::numeric) AS penalties,
        sum(n.advance::numeric) AS advance
    FROM lending.movements AS n
    WHERE
        n.tenant_id = t.tenant_id
        AND n.business_id = t.business_id
        AND n.loan_id = t.loan_id
        AND n.effective_on = t.effective_on
        AND n.transaction_id = t.id
) AS m ON true
WHERE
    NOT EXISTS (
        SELECT FROM lending.reversals AS r
        WHERE r.tenant_id = t.tenant_id AND r.transaction_id = t.id
    )
GROUP BY t.tenant_id, t.business_id, u.code, t.effective_on, t.kind, l.currency_code;
COMMENT ON VIEW lending.vw_daily_transactions IS
'The transactions of loans that stand (not those reversed), by the day on which they happened, '
'kind and currency: how many, their amount (of write-offs what was given up; 0 of changes of '
'terms), the cash that came in (negative: went out), and what it did to balances: more owed is '
'positive.';
