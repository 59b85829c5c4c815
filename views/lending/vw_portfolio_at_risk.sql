-- requires: lending.par_by_days, lending.arrears_as_of, lending.readable_businesses
-- PAR 1, 30, 60, 90 and 180 of each business today.
CREATE OR REPLACE VIEW lending.vw_portfolio_at_risk WITH (security_invoker = true) AS
SELECT
    b.tenant_id,
    p.business_id,
    b.code::text AS business_code,
    p.currency_code,
    p.days,
    p.loans,
    p.portfolio,
    p.loans_at_risk,
    p.at_risk,
    coalesce(round(p.at_risk / nullif(p.portfolio, 0), 6), 0) AS ratio,
    p.restructured_loans,
    p.restructured,
    p.restructured_at_risk
FROM identity.businesses AS b
CROSS JOIN LATERAL lending.par_by_days(
    b.tenant_id, ARRAY[b.id], '{1, 30, 60, 90, 180}', current_date
) AS p;
COMMENT ON VIEW lending.vw_portfolio_at_risk IS
'Portfolio at risk today, one row per business, currency and days (1, 30, 60, 90, 180): see '
'lending.calculate_par, which answers for any day.';
