-- In a closed fiscal year every period is closed, and revenue and expenses have nothing left
SELECT
    c.tenant_id,
    c.business_id,
    c.fiscal_year_id,
    p.code AS open_period_code,
    NULL AS account_id
FROM ledger.fiscal_periods AS c
INNER JOIN ledger.fiscal_periods AS p
    ON
        c.tenant_id = p.tenant_id
        AND c.business_id = p.business_id
        AND c.fiscal_year_id = p.fiscal_year_id
WHERE c.kind = 'closing' AND c.status = 'closed' AND p.status <> 'closed'
UNION ALL
SELECT
    c.tenant_id,
    c.business_id,
    c.fiscal_year_id,
    NULL AS open_period_code,
    r.account_id
FROM ledger.fiscal_periods AS c
CROSS JOIN LATERAL ledger.year_result(c.tenant_id, c.business_id, c.fiscal_year_id) AS r
WHERE c.kind = 'closing' AND c.status = 'closed';
