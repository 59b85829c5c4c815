-- How payroll is posted, unless a tenant or business says otherwise: ledger.create_reference_rules
-- takes these over once accounts have the roles. Entries name period and department but not the
-- employee: who reads the books need not know what each one earns.
INSERT INTO ledger.reference_posting_rules AS r (event_type, rule)
VALUES
(
    'payroll.record_processed',
    '{
        "event_type": "payroll.record_processed",
        "name": "Payroll",
        "description": "Payroll {period_code}",
        "date": "pay_date",
        "reference": "{posting_key}",
        "lines": [
            {"side": "debit", "role": "salaries_expense",
             "amount": "gross", "department": "{department_code}"},
            {"side": "debit", "role": "payroll_tax_expense",
             "amount": "employer_costs", "department": "{department_code}"},
            {"side": "credit", "role": "net_pay_payable", "amount": "net"},
            {"side": "credit", "role": "income_tax_payable", "amount": "federal_tax"},
            {"side": "credit", "role": "income_tax_payable", "amount": "state_tax"},
            {"side": "credit", "role": "income_tax_payable", "amount": "paye"},
            {"side": "credit", "role": "social_security_payable", "amount": "social_security_tax"},
            {"side": "credit", "role": "social_security_payable",
             "amount": "employer_social_security"},
            {"side": "credit", "role": "social_security_payable", "amount": "medicare_tax"},
            {"side": "credit", "role": "social_security_payable", "amount": "employer_medicare"},
            {"side": "credit", "role": "social_security_payable", "amount": "nssf"},
            {"side": "credit", "role": "social_security_payable", "amount": "employer_nssf"},
            {"side": "credit", "role": "health_insurance_payable", "amount": "shif"},
            {"side": "credit", "role": "housing_levy_payable", "amount": "housing_levy"},
            {"side": "credit", "role": "housing_levy_payable", "amount": "employer_housing_levy"},
            {"side": "credit", "role": "payroll_deductions_payable", "amount": "other_deductions"}
        ]
    }'
),
(
    'payroll.record_paid',
    '{
        "event_type": "payroll.record_paid",
        "name": "Payroll paid",
        "description": "Payroll {period_code} paid",
        "date": "paid_on",
        "reference": "{posting_key}",
        "lines": [
            {"side": "debit", "role": "net_pay_payable", "amount": "net"},
            {"side": "credit", "role": "payroll_bank", "amount": "net"}
        ]
    }'
),
(
    'payroll.record_reversed',
    '{
        "event_type": "payroll.record_reversed",
        "name": "Payroll reversed",
        "description": "Payroll {period_code} reversed",
        "date": "reversed_on",
        "reference": "{posting_key}",
        "lines": [
            {"side": "credit", "role": "salaries_expense",
             "amount": "gross", "department": "{department_code}"},
            {"side": "credit", "role": "payroll_tax_expense",
             "amount": "employer_costs", "department": "{department_code}"},
            {"side": "debit", "role": "net_pay_payable", "amount": "net"},
            {"side": "debit", "role": "income_tax_payable", "amount": "federal_tax"},
            {"side": "debit", "role": "income_tax_payable", "amount": "state_tax"},
            {"side": "debit", "role": "income_tax_payable", "amount": "paye"},
            {"side": "debit", "role": "social_security_payable", "amount": "social_security_tax"},
            {"side": "debit", "role": "social_security_payable",
             "amount": "employer_social_security"},
            {"side": "debit", "role": "social_security_payable", "amount": "medicare_tax"},
            {"side": "debit", "role": "social_security_payable", "amount": "employer_medicare"},
            {"side": "debit", "role": "social_security_payable", "amount": "nssf"},
            {"side": "debit", "role": "social_security_payable", "amount": "employer_nssf"},
            {"side": "debit", "role": "health_insurance_payable", "amount": "shif"},
            {"side": "debit", "role": "housing_levy_payable", "amount": "housing_levy"},
            {"side": "debit", "role": "housing_levy_payable", "amount": "employer_housing_levy"},
            {"side": "debit", "role": "payroll_deductions_payable", "amount": "other_deductions"}
        ]
    }'
)
ON CONFLICT (event_type) DO NOTHING;
