-- Statutory rates of the United States, 2026; docs/payroll.md says how each was checked. The bounds
-- of federal_tax are those of the standard table of Publication 15-T with line 1g of Worksheet 1A
-- (8,600, or 12,900 of the married) on top: brackets plus standard deduction of Revenue Procedure
-- 2025-32. Not in it: steps 2 to 4 of Form W-4, supplemental wages, FUTA, state unemployment
-- insurance, local taxes. What has no end goes on until it is amended: look each year.
-- Rows that are there stay: a rate that is wrong is corrected by the operator.
INSERT INTO payroll.tax_rates (
    jurisdiction, component, filing_status, slice, effective_from, effective_to, base,
    rate_window, from_amount, to_amount, employee_rate, employer_rate, fixed_amount,
    minimum_amount, is_pretax, currency_code, source
)
VALUES
(
    'US', 'federal_tax', 'single', '1', '2026-01-01', '2026-12-31', 'gross', 'year',
    16100, 28500, 0.10, 0, 0, 0, false, 'USD',
    'IRS Publication 15-T (2026), section 1, STANDARD; Rev. Proc. 2025-32 (2025-10-09)'
),
(
    'US', 'federal_tax', 'single', '2', '2026-01-01', '2026-12-31', 'gross', 'year',
    28500, 66500, 0.12, 0, 0, 0, false, 'USD',
    'IRS Publication 15-T (2026), section 1, STANDARD; Rev. Proc. 2025-32 (2025-10-09)'
),
(
    'US', 'federal_tax', 'single', '3', '2026-01-01', '2026-12-31', 'gross', 'year',
    66500, 121800, 0.22, 0, 0, 0, false, 'USD',
    'IRS Publication 15-T (2026), section 1, STANDARD; Rev. Proc. 2025-32 (2025-10-09)'
),
(
    'US', 'federal_tax', 'single', '4', '2026-01-01', '2026-12-31', 'gross', 'year',
    121800, 217875, 0.24, 0, 0, 0, false, 'USD',
    'IRS Publication 15-T (2026), section 1, STANDARD; Rev. Proc. 2025-32 (2025-10-09)'
),
(
    'US', 'federal_tax', 'single', '5', '2026-01-01', '2026-12-31', 'gross', 'year',
    217875, 272325, 0.32, 0, 0, 0, false, 'USD',
    'IRS Publication 15-T (2026), section 1, STANDARD; Rev. Proc. 2025-32 (2025-10-09)'
),
(
    'US', 'federal_tax', 'single', '6', '2026-01-01', '2026-12-31', 'gross', 'year',
    272325, 656700, 0.35, 0, 0, 0, false, 'USD',
    'IRS Publication 15-T (2026), section 1, STANDARD; Rev. Proc. 2025-32 (2025-10-09)'
),
(
    'US', 'federal_tax', 'single', '7', '2026-01-01', '2026-12-31', 'gross', 'year',
    656700, NULL, 0.37, 0, 0, 0, false, 'USD',
    'IRS Publication 15-T (2026), section 1, STANDARD; Rev. Proc. 2025-32 (2025-10-09)'
),
(
    'US', 'federal_tax', 'married', '1', '2026-01-01', '2026-12-31', 'gross', 'year',
    32200, 57000, 0.10, 0, 0, 0, false, 'USD',
    'IRS Publication 15-T (2026), section 1, STANDARD; Rev. Proc. 2025-32 (2025-10-09)'
),
(
    'US', 'federal_tax', 'married', '2', '2026-01-01', '2026-12-31', 'gross', 'year',
    57000, 133000, 0.12, 0, 0, 0, false, 'USD',
    'IRS Publication 15-T (2026), section 1, STANDARD; Rev. Proc. 2025-32 (2025-10-09)'
),
(
    'US', 'federal_tax', 'married', '3', '2026-01-01', '2026-12-31', 'gross', 'year',
    133000, 243600, 0.22, 0, 0, 0, false, 'USD',
    'IRS Publication 15-T (2026), section 1, STANDARD; Rev. Proc. 2025-32 (2025-10-09)'
),
(
    'US', 'federal_tax', 'married', '4', '2026-01-01', '2026-12-31', 'gross', 'year',
    243600, 435750, 0.24, 0, 0, 0, false, 'USD',
    'IRS Publication 15-T (2026), section 1, STANDARD; Rev. Proc. 2025-32 (2025-10-09)'
),
(
    'US', 'federal_tax', 'married', '5', '2026-01-01', '2026-12-31', 'gross', 'year',
    435750, 544650, 0.32, 0, 0, 0, false, 'USD',
    'IRS Publication 15-T (2026), section 1, STANDARD; Rev. Proc. 2025-32 (2025-10-09)'
),
(
    'US', 'federal_tax', 'married', '6', '2026-01-01', '2026-12-31', 'gross', 'year',
    544650, 800900, 0.35, 0, 0, 0, false, 'USD',
    'IRS Publication 15-T (2026), section 1, STANDARD; Rev. Proc. 2025-32 (2025-10-09)'
),
(
    'US', 'federal_tax', 'married', '7', '2026-01-01', '2026-12-31', 'gross', 'year',
    800900, NULL, 0.37, 0, 0, 0, false, 'USD',
    'IRS Publication 15-T (2026), section 1, STANDARD; Rev. Proc. 2025-32 (2025-10-09)'
),
(
    'US', 'federal_tax', 'head_of_household', '1', '2026-01-01', '2026-12-31', 'gross', 'year',
    24150, 41850, 0.10, 0, 0, 0, false, 'USD',
    'IRS Publication 15-T (2026), section 1, STANDARD; Rev. Proc. 2025-32 (2025-10-09)'
),
(
    'US', 'federal_tax', 'head_of_household', '2', '2026-01-01', '2026-12-31', 'gross', 'year',
    41850, 91600, 0.12, 0, 0, 0, false, 'USD',
    'IRS Publication 15-T (2026), section 1, STANDARD; Rev. Proc. 2025-32 (2025-10-09)'
),
(
    'US', 'federal_tax', 'head_of_household', '3', '2026-01-01', '2026-12-31', 'gross', 'year',
    91600, 129850, 0.22, 0, 0, 0, false, 'USD',
    'IRS Publication 15-T (2026), section 1, STANDARD; Rev. Proc. 2025-32 (2025-10-09)'
),
(
    'US', 'federal_tax', 'head_of_household', '4', '2026-01-01', '2026-12-31', 'gross', 'year',
    129850, 225900, 0.24, 0, 0, 0, false, 'USD',
    'IRS Publication 15-T (2026), section 1, STANDARD; Rev. Proc. 2025-32 (2025-10-09)'
),
(
    'US', 'federal_tax', 'head_of_household', '5', '2026-01-01', '2026-12-31', 'gross', 'year',
    225900, 280350, 0.32, 0, 0, 0, false, 'USD',
    'IRS Publication 15-T (2026), section 1, STANDARD; Rev. Proc. 2025-32 (2025-10-09)'
),
(
    'US', 'federal_tax', 'head_of_household', '6', '2026-01-01', '2026-12-31', 'gross', 'year',
    280350, 664750, 0.35, 0, 0, 0, false, 'USD',
    'IRS Publication 15-T (2026), section 1, STANDARD; Rev. Proc. 2025-32 (2025-10-09)'
),
(
    'US', 'federal_tax', 'head_of_household', '7', '2026-01-01', '2026-12-31', 'gross', 'year',
    664750, NULL, 0.37, 0, 0, 0, false, 'USD',
    'IRS Publication 15-T (2026), section 1, STANDARD; Rev. Proc. 2025-32 (2025-10-09)'
),
(
    'US', 'social_security_tax', 'any', 'base', '2026-01-01', '2026-12-31', 'gross', 'year_to_date',
    0, 184500, 0.062, 0.062, 0, 0, false, 'USD',
    'SSA, contribution and benefit base of 2026 (2025-10-24); 26 USC 3101(a), 3111(a)'
),
(
    'US', 'medicare_tax', 'any', 'all', '2013-01-01', NULL, 'gross', 'year_to_date',
    0, NULL, 0.0145, 0.0145, 0, 0, false, 'USD',
    '26 USC 3101(b)(1), 3111(b)'
),
(
    'US', 'medicare_tax', 'any', 'additional', '2013-01-01', NULL, 'gross', 'year_to_date',
    200000, NULL, 0.009, 0, 0, 0, false, 'USD',
    '26 USC 3101(b)(2), 3102(f)(1): above 200,000 a year, whatever the filing status'
),
(
    'US-IL', 'state_tax', 'any', 'flat', '2017-07-01', NULL, 'gross', 'year',
    0, NULL, 0.0495, 0, 0, 0, false, 'USD',
    '35 ILCS 5/201(b)(5.4); Booklet IL-700-T, as without allowances of Form IL-W-4'
),
(
    'US-PA', 'state_tax', 'any', 'flat', '2004-01-01', NULL, 'gross', 'year',
    0, NULL, 0.0307, 0, 0, 0, false, 'USD',
    '72 P.S. 7302; Department of Revenue: of what is paid after 2003-12-31'
),
(
    'US-FL', 'state_tax', 'any', 'none', '2000-01-01', NULL, 'gross', 'year',
    0, NULL, 0, 0, 0, 0, false, 'USD',
    'No tax on wages: Florida Constitution, article VII, section 5'
),
(
    'US-TX', 'state_tax', 'any', 'none', '2000-01-01', NULL, 'gross', 'year',
    0, NULL, 0, 0, 0, 0, false, 'USD',
    'No tax on wages: Texas Constitution, article VIII, section 24-a (2019-11-05)'
)
ON CONFLICT (jurisdiction, component, filing_status, slice, effective_from) DO NOTHING;
