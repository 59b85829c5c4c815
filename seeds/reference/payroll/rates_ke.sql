-- Statutory rates of Kenya since 2024-12-27, the day from which NSSF, SHIF and housing levy are
-- deducted before PAYE; docs/payroll.md says how each was checked. PAYE ends with 2026: other bands
-- are proposed for 2027. NSSF ends with the fourth year of its schedule: limits after it are
-- gazetted. Not in it: insurance relief, other pension, mortgage, NITA levy, non-residents.
-- Rows that are there stay: a rate that is wrong is corrected by the operator.
INSERT INTO payroll.tax_rates (
    jurisdiction, component, filing_status, slice, effective_from, effective_to, base,
    rate_window, from_amount, to_amount, employee_rate, employer_rate, fixed_amount,
    minimum_amount, is_pretax, currency_code, source
)
VALUES
(
    'KE', 'paye', 'any', '1', '2024-12-27', '2026-12-31', 'taxable', 'month',
    0, 24000, 0.10, 0, 0, 0, false, 'KES',
    'Income Tax Act (Cap. 470), third schedule, head B, since 2023-07-01: Finance Act 2023'
),
(
    'KE', 'paye', 'any', '2', '2024-12-27', '2026-12-31', 'taxable', 'month',
    24000, 32333, 0.25, 0, 0, 0, false, 'KES',
    'Income Tax Act (Cap. 470), third schedule, head B, since 2023-07-01: Finance Act 2023'
),
(
    'KE', 'paye', 'any', '3', '2024-12-27', '2026-12-31', 'taxable', 'month',
    32333, 500000, 0.30, 0, 0, 0, false, 'KES',
    'Income Tax Act (Cap. 470), third schedule, head B, since 2023-07-01: Finance Act 2023'
),
(
    'KE', 'paye', 'any', '4', '2024-12-27', '2026-12-31', 'taxable', 'month',
    500000, 800000, 0.325, 0, 0, 0, false, 'KES',
    'Income Tax Act (Cap. 470), third schedule, head B, since 2023-07-01: Finance Act 2023'
),
(
    'KE', 'paye', 'any', '5', '2024-12-27', '2026-12-31', 'taxable', 'month',
    800000, NULL, 0.35, 0, 0, 0, false, 'KES',
    'Income Tax Act (Cap. 470), third schedule, head B, since 2023-07-01: Finance Act 2023'
),
(
    'KE', 'paye', 'any', 'relief', '2024-12-27', '2026-12-31', 'taxable', 'month',
    0, NULL, 0, 0, -2400, 0, false, 'KES',
    'Income Tax Act (Cap. 470), section 30 and third schedule, head A: 28,800 a year'
),
(
    'KE', 'nssf', 'any', 'tier_1', '2024-02-01', '2025-01-31', 'gross', 'month',
    0, 7000, 0.06, 0.06, 0, 0, true, 'KES',
    'NSSF Act 2013 (No. 45), third schedule, second year; NSSF notice of February 2024'
),
(
    'KE', 'nssf', 'any', 'tier_2', '2024-02-01', '2025-01-31', 'gross', 'month',
    7000, 36000, 0.06, 0.06, 0, 0, true, 'KES',
    'NSSF Act 2013 (No. 45), third schedule, second year; NSSF notice of February 2024'
),
(
    'KE', 'nssf', 'any', 'tier_1', '2025-02-01', '2026-01-31', 'gross', 'month',
    0, 8000, 0.06, 0.06, 0, 0, true, 'KES',
    'NSSF Act 2013 (No. 45), third schedule, third year; NSSF notice of February 2025'
),
(
    'KE', 'nssf', 'any', 'tier_2', '2025-02-01', '2026-01-31', 'gross', 'month',
    8000, 72000, 0.06, 0.06, 0, 0, true, 'KES',
    'NSSF Act 2013 (No. 45), third schedule, third year; NSSF notice of February 2025'
),
(
    'KE', 'nssf', 'any', 'tier_1', '2026-02-01', '2027-01-31', 'gross', 'month',
    0, 9000, 0.06, 0.06, 0, 0, true, 'KES',
    'NSSF Act 2013 (No. 45), third schedule, fourth year; NSSF notice of February 2026'
),
(
    'KE', 'nssf', 'any', 'tier_2', '2026-02-01', '2027-01-31', 'gross', 'month',
    9000, 108000, 0.06, 0.06, 0, 0, true, 'KES',
    'NSSF Act 2013 (No. 45), third schedule, fourth year; NSSF notice of February 2026'
),
(
    'KE', 'shif', 'any', 'all', '2024-12-27', NULL, 'gross', 'month',
    0, NULL, 0.0275, 0, 0, 300, true, 'KES',
    'Social Health Insurance (General) Regulations 2024 (2024-03-08), regulation 17'
),
(
    'KE', 'housing_levy', 'any', 'all', '2024-12-27', NULL, 'gross', 'month',
    0, NULL, 0.015, 0.015, 0, 0, true, 'KES',
    'Affordable Housing Act 2024 (2024-03-19), sections 4 and 5'
)
ON CONFLICT (jurisdiction, component, filing_status, slice, effective_from) DO NOTHING;
