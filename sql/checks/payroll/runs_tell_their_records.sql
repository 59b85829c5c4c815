-- A run is processed or paid exactly when no record of it waits, and paid when all records are
SELECT
    n.tenant_id,
    n.id,
    n.period_code,
    n.status
FROM payroll.runs AS n
WHERE
    (n.status IN ('processed', 'paid') AND EXISTS (
        SELECT FROM payroll.payroll_records AS r
        WHERE
            r.tenant_id = n.tenant_id
            AND r.run_id = n.id
            AND r.status IN ('pending', 'processing')
    ))
    OR (n.status = 'paid' AND EXISTS (
        SELECT FROM payroll.payroll_records AS r
        WHERE
            r.tenant_id = n.tenant_id
            AND r.run_id = n.id
            AND r.status = 'processed'
    ));
