-- Where hr is in the same database, payroll knows of employees what hr does
SELECT
    o.tenant_id,
    o.employee_id
FROM payroll.cache_offenders() AS o;
