-- How other money of loans is posted, unless a tenant or business says otherwise. Lines are there
-- once for each way in which money goes, since those of one condition balance by themselves; one of
-- the sets is posted. What an import tells of the time before the books goes by opening.
INSERT INTO ledger.reference_posting_rules AS r (event_type, rule)
VALUES
(
    'lending.loan_disbursed',
    '{
        "event_type": "lending.loan_disbursed",
        "name": "Loan disbursed",
        "description": "Loan {loan_no} disbursed",
        "date": "on",
        "currency": "currency_code",
        "reference": "{loan_no}",
        "lines": [
            {"side": "debit", "role": "loans_receivable", "amount": "fees_withheld"},
            {"side": "credit", "role": "loan_fee_income", "amount": "fees_withheld",
             "department": "{branch_code}"},
            {"side": "credit", "role": "loan_cash", "amount": "paid_out",
             "when": "$.method == \"cash\""},
            {"side": "debit", "role": "loans_receivable", "amount": "paid_out",
             "when": "$.method == \"cash\""},
            {"side": "credit", "role": "loan_mobile_money", "amount": "paid_out",
             "when": "$.method == \"mpesa\""},
            {"side": "debit", "role": "loans_receivable", "amount": "paid_out",
             "when": "$.method == \"mpesa\""},
            {"side": "credit", "role": "loan_opening_balance", "amount": "paid_out",
             "when": "$.method == \"opening\""},
            {"side": "debit", "role": "loans_receivable", "amount": "paid_out",
             "when": "$.method == \"opening\""},
            {"side": "credit", "role": "loan_bank", "amount": "paid_out",
             "when": "$.method != \"cash\" && $.method != \"mpesa\" && $.method != \"opening\""},
            {"side": "debit", "role": "loans_receivable", "amount": "paid_out",
             "when": "$.method != \"cash\" && $.method != \"mpesa\" && $.method != \"opening\""}
        ]
    }'
),
(
    'lending.disbursement_reversed',
    '{
        "event_type": "lending.disbursement_reversed",
        "name": "Loan disbursement reversed",
        "description": "Loan {loan_no} disbursement reversed",
        "date": "on",
        "currency": "currency_code",
        "reference": "{loan_no}",
        "lines": [
            {"side": "credit", "role": "loans_receivable", "amount": "fees_withheld"},
            {"side": "debit", "role": "loan_fee_income", "amount": "fees_withheld",
             "department": "{branch_code}"},
            {"side": "debit", "role": "loan_cash", "amount": "paid_out",
             "when": "$.method == \"cash\""},
            {"side": "credit", "role": "loans_receivable", "amount": "paid_out",
             "when": "$.method == \"cash\""},
            {"side": "debit", "role": "loan_mobile_money", "amount": "paid_out",
             "when": "$.method == \"mpesa\""},
            {"side": "credit", "role": "loans_receivable", "amount": "paid_out",
             "when": "$.method == \"mpesa\""},
            {"side": "debit", "role": "loan_opening_balance", "amount": "paid_out",
             "when": "$.method == \"opening\""},
            {"side": "credit", "role": "loans_receivable", "amount": "paid_out",
             "when": "$.method == \"opening\""},
            {"side": "debit", "role": "loan_bank", "amount": "paid_out",
             "when": "$.method != \"cash\" && $.method != \"mpesa\" && $.method != \"opening\""},
            {"side": "credit", "role": "loans_receivable", "amount": "paid_out",
             "when": "$.method != \"cash\" && $.method != \"mpesa\" && $.method != \"opening\""}
        ]
    }'
),
(
    'lending.loan_recovered',
    '{
        "event_type": "lending.loan_recovered",
        "name": "Loan recovered",
        "description": "Loan {loan_no} recovery",
        "date": "on",
        "currency": "currency_code",
        "reference": "{loan_no}",
        "lines": [
            {"side": "debit", "role": "loan_cash", "amount": "amount",
             "when": "$.method == \"cash\""},
            {"side": "credit", "role": "loan_recovery_income", "amount": "amount",
             "department": "{branch_code}", "when": "$.method == \"cash\""},
            {"side": "debit", "role": "loan_mobile_money", "amount": "amount",
             "when": "$.method == \"mpesa\""},
            {"side": "credit", "role": "loan_recovery_income", "amount": "amount",
             "department": "{branch_code}", "when": "$.method == \"mpesa\""},
            {"side": "debit", "role": "loan_opening_balance", "amount": "amount",
             "when": "$.method == \"opening\""},
            {"side": "credit", "role": "loan_recovery_income", "amount": "amount",
             "department": "{branch_code}", "when": "$.method == \"opening\""},
            {"side": "debit", "role": "loan_bank", "amount": "amount",
             "when": "$.method != \"cash\" && $.method != \"mpesa\" && $.method != \"opening\""},
            {"side": "credit", "role": "loan_recovery_income", "amount": "amount",
             "department": "{branch_code}",
             "when": "$.method != \"cash\" && $.method != \"mpesa\" && $.method != \"opening\""}
        ]
    }'
),
(
    'lending.recovery_reversed',
    '{
        "event_type": "lending.recovery_reversed",
        "name": "Loan recovery reversed",
        "description": "Loan {loan_no} recovery reversed",
        "date": "on",
        "currency": "currency_code",
        "reference": "{loan_no}",
        "lines": [
            {"side": "credit", "role": "loan_cash", "amount": "amount",
             "when": "$.method == \"cash\""},
            {"side": "debit", "role": "loan_recovery_income", "amount": "amount",
             "department": "{branch_code}", "when": "$.method == \"cash\""},
            {"side": "credit", "role": "loan_mobile_money", "amount": "amount",
             "when": "$.method == \"mpesa\""},
            {"side": "debit", "role": "loan_recovery_income", "amount": "amount",
             "department": "{branch_code}", "when": "$.method == \"mpesa\""},
            {"side": "credit", "role": "loan_opening_balance", "amount": "amount",
             "when": "$.method == \"opening\""},
            {"side": "debit", "role": "loan_recovery_income", "amount": "amount",
             "department": "{branch_code}", "when": "$.method == \"opening\""},
            {"side": "credit", "role": "loan_bank", "amount": "amount",
             "when": "$.method != \"cash\" && $.method != \"mpesa\" && $.method != \"opening\""},
            {"side": "debit", "role": "loan_recovery_income", "amount": "amount",
             "department": "{branch_code}",
             "when": "$.method != \"cash\" && $.method != \"mpesa\" && $.method != \"opening\""}
        ]
    }'
),
(
    'lending.refund_reversed',
    '{
        "event_type": "lending.refund_reversed",
        "name": "Loan refund reversed",
        "description": "Loan {loan_no} refund reversed",
        "date": "on",
        "currency": "currency_code",
        "reference": "{loan_no}",
        "lines": [
            {"side": "debit", "role": "loan_cash", "amount": "amount",
             "when": "$.method == \"cash\""},
            {"side": "credit", "role": "loan_advances", "amount": "amount",
             "when": "$.method == \"cash\""},
            {"side": "debit", "role": "loan_mobile_money", "amount": "amount",
             "when": "$.method == \"mpesa\""},
            {"side": "credit", "role": "loan_advances", "amount": "amount",
             "when": "$.method == \"mpesa\""},
            {"side": "debit", "role": "loan_opening_balance", "amount": "amount",
             "when": "$.method == \"opening\""},
            {"side": "credit", "role": "loan_advances", "amount": "amount",
             "when": "$.method == \"opening\""},
            {"side": "debit", "role": "loan_bank", "amount": "amount",
             "when": "$.method != \"cash\" && $.method != \"mpesa\" && $.method != \"opening\""},
            {"side": "credit", "role": "loan_advances", "amount": "amount",
             "when": "$.method != \"cash\" && $.method != \"mpesa\" && $.method != \"opening\""}
        ]
    }'
)
ON CONFLICT (event_type) DO NOTHING;
