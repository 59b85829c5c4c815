-- The sums of every payroll record are those of its items
SELECT
    r.tenant_id,
    r.id,
    r.employee_no
FROM payroll.payroll_records AS r
CROSS JOIN LATERAL payroll.record_sums(r.tenant_id, r.id) AS s
WHERE
    (
        r.gross, r.federal_tax, r.state_tax, r.social_security_tax, r.medicare_tax, r.paye,
        r.nssf, r.shif, r.housing_levy, r.other_deductions, r.employer_social_security,
        r.employer_medicare, r.employer_nssf, r.employer_housing_levy
    ) IS DISTINCT FROM (
        s.gross, s.federal_tax, s.state_tax, s.social_security_tax, s.medicare_tax, s.paye,
        s.nssf, s.shif, s.housing_levy, s.other_deductions, s.employer_social_security,
        s.employer_medicare, s.employer_nssf, s.employer_housing_levy
    );
