-- Each loan stands as its movements add up to
WITH sums AS (
    SELECT
        v.tenant_id,
        v.loan_id,
        coalesce(sum(v.principal) FILTER (WHERE v.kind = 'disbursement'), 0) AS disbursed,
        sum(v.principal) AS principal,
        coalesce(sum(v.interest) FILTER (WHERE v.kind = 'charge'), 0) AS interest_accrued,
        sum(v.interest) AS interest,
        coalesce(sum(v.fees) FILTER (WHERE v.kind = 'charge'), 0) AS fees_charged,
        sum(v.fees) AS fees,
        coalesce(sum(v.penalties) FILTER (WHERE v.kind = 'charge'), 0) AS penalties_charged,
        sum(v.penalties) AS penalties,
        sum(v.advance) AS advance,
        sum(v.allowance) AS allowance
    FROM lending.movements AS v
    GROUP BY v.tenant_id, v.loan_id
)

SELECT
    coalesce(b.tenant_id, s.tenant_id) AS tenant_id,
    coalesce(b.loan_id, s.loan_id) AS loan_id
FROM lending.loan_balances AS b
FULL JOIN sums AS s ON b.tenant_id = s.tenant_id AND b.loan_id = s.loan_id
WHERE
    (
        b.disbursed, b.principal, b.interest_accrued, b.interest, b.fees_charged, b.fees,
        b.penalties_charged, b.penalties, b.advance, b.allowance
    ) IS DISTINCT FROM (
        s.disbursed, s.principal, s.interest_accrued, s.interest, s.fees_charged, s.fees,
        s.penalties_charged, s.penalties, s.advance, s.allowance
    );
