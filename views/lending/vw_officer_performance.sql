-- requires: lending.portfolio_by, lending.arrears_as_of
-- What each officer has lent as of today, and did this month.
CREATE OR REPLACE VIEW lending.vw_officer_performance WITH (security_invoker = true) AS
SELECT
    b.tenant_id,
    p.business_id,
    b.code::text AS business_code,
    p.code AS officer,
    p.name AS officer_name,
    p.currency_code,
    p.loans,
    p.borrowers,
    p.portfolio,
    p.loans_in_arrears,
    p.arrears,
    p.loans_at_risk,
    p.at_risk,
    p.ratio,
    p.restructured,
    p.written_off,
    p.month_loans,
    p.month_disbursed,
    p.month_collected
FROM identity.businesses AS b
CROSS JOIN LATERAL lending.portfolio_by(b.tenant_id, ARRAY[b.id], 'officer', current_date) AS p;
COMMENT ON VIEW lending.vw_officer_performance IS
'lending.portfolio by officer, today, one row per business, officer and currency.';
