-- Fiscal years, and regular periods, of a business do not overlap; periods lie where their kind
-- says
SELECT
    a.tenant_id,
    a.business_id,
    a.code,
    b.code AS conflicts_with
FROM ledger.fiscal_periods AS a
INNER JOIN ledger.fiscal_periods AS b
    ON
        a.tenant_id = b.tenant_id
        AND a.business_id = b.business_id
        AND a.id < b.id
        AND a.starts_on <= b.ends_on
        AND a.ends_on >= b.starts_on
WHERE a.kind = 'regular' AND b.kind = 'regular'
UNION ALL
SELECT
    a.tenant_id,
    a.business_id,
    a.code,
    b.code AS conflicts_with
FROM ledger.fiscal_years AS a
INNER JOIN ledger.fiscal_years AS b
    ON
        a.tenant_id = b.tenant_id
        AND a.business_id = b.business_id
        AND a.id < b.id
        AND a.starts_on <= b.ends_on
        AND a.ends_on >= b.starts_on
UNION ALL
SELECT
    p.tenant_id,
    p.business_id,
    p.code,
    y.code AS conflicts_with
FROM ledger.fiscal_periods AS p
INNER JOIN ledger.fiscal_years AS y
    ON p.tenant_id = y.tenant_id AND p.business_id = y.business_id AND p.fiscal_year_id = y.id
WHERE
    p.starts_on < y.starts_on
    OR p.ends_on > y.ends_on
    OR (p.kind <> 'regular' AND p.starts_on <> y.ends_on);
