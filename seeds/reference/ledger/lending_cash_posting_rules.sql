-- How money of loans is posted, unless a tenant or business says otherwise; the other events of
-- lending: lending_posting_rules.sql. Lines are there once for each way in which money goes, since
-- those of one condition balance by themselves; one of the sets is posted.
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
            {"side": "credit", "role": "loan_bank", "amount": "paid_out",
             "when": "$.method != \"cash\" && $.method != \"mpesa\""},
            {"side": "debit", "role": "loans_receivable", "amount": "paid_out",
             "when": "$.method != \"cash\" && $.method != \"mpesa\""}
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
            {"side": "debit", "role": "loan_bank", "amount": "paid_out",
             "when": "$.method != \"cash\" && $.method != \"mpesa\""},
            {"side": "credit", "role": "loans_receivable", "amount": "paid_out",
             "when": "$.method != \"cash\" && $.method != \"mpesa\""}
        ]
    }'
),
(
    'lending.payment_received',
    '{
        "event_type": "lending.payment_received",
        "name": "Loan payment",
        "description": "Loan {loan_no} payment",
        "date": "on",
        "currency": "currency_code",
        "reference": "{reference}",
        "lines": [
            {"side": "debit", "role": "loan_cash", "amount": "amount",
             "when": "$.method == \"cash\""},
            {"side": "credit", "role": "loans_receivable", "amount": "principal",
             "when": "$.method == \"cash\""},
            {"side": "credit", "role": "loan_interest_receivable", "amount": "interest",
             "when": "$.method == \"cash\""},
            {"side": "credit", "role": "loan_fees_receivable", "amount": "fees",
             "when": "$.method == \"cash\""},
            {"side": "credit", "role": "loan_penalties_receivable", "amount": "penalties",
             "when": "$.method == \"cash\""},
            {"side": "credit", "role": "loan_advances", "amount": "advance",
             "when": "$.method == \"cash\""},
            {"side": "debit", "role": "loan_mobile_money", "amount": "amount",
             "when": "$.method == \"mpesa\""},
            {"side": "credit", "role": "loans_receivable", "amount": "principal",
             "when": "$.method == \"mpesa\""},
            {"side": "credit", "role": "loan_interest_receivable", "amount": "interest",
             "when": "$.method == \"mpesa\""},
            {"side": "credit", "role": "loan_fees_receivable", "amount": "fees",
             "when": "$.method == \"mpesa\""},
            {"side": "credit", "role": "loan_penalties_receivable", "amount": "penalties",
             "when": "$.method == \"mpesa\""},
            {"side": "credit", "role": "loan_advances", "amount": "advance",
             "when": "$.method == \"mpesa\""},
            {"side": "debit", "role": "loan_bank", "amount": "amount",
             "when": "$.method != \"cash\" && $.method != \"mpesa\""},
            {"side": "credit", "role": "loans_receivable", "amount": "principal",
             "when": "$.method != \"cash\" && $.method != \"mpesa\""},
            {"side": "credit", "role": "loan_interest_receivable", "amount": "interest",
             "when": "$.method != \"cash\" && $.method != \"mpesa\""},
            {"side": "credit", "role": "loan_fees_receivable", "amount": "fees",
             "when": "$.method != \"cash\" && $.method != \"mpesa\""},
            {"side": "credit", "role": "loan_penalties_receivable", "amount": "penalties",
             "when": "$.method != \"cash\" && $.method != \"mpesa\""},
            {"side": "credit", "role": "loan_advances", "amount": "advance",
             "when": "$.method != \"cash\" && $.method != \"mpesa\""}
        ]
    }'
),
(
    'lending.payment_reversed',
    '{
        "event_type": "lending.payment_reversed",
        "name": "Loan payment reversed",
        "description": "Loan {loan_no} payment reversed",
        "date": "on",
        "currency": "currency_code",
        "reference": "{reference}",
        "lines": [
            {"side": "credit", "role": "loan_cash", "amount": "amount",
             "when": "$.method == \"cash\""},
            {"side": "debit", "role": "loans_receivable", "amount": "principal",
             "when": "$.method == \"cash\""},
            {"side": "debit", "role": "loan_interest_receivable", "amount": "interest",
             "when": "$.method == \"cash\""},
            {"side": "debit", "role": "loan_fees_receivable", "amount": "fees",
             "when": "$.method == \"cash\""},
            {"side": "debit", "role": "loan_penalties_receivable", "amount": "penalties",
             "when": "$.method == \"cash\""},
            {"side": "debit", "role": "loan_advances", "amount": "advance",
             "when": "$.method == \"cash\""},
            {"side": "credit", "role": "loan_mobile_money", "amount": "amount",
             "when": "$.method == \"mpesa\""},
            {"side": "debit", "role": "loans_receivable", "amount": "principal",
             "when": "$.method == \"mpesa\""},
            {"side": "debit", "role": "loan_interest_receivable", "amount": "interest",
             "when": "$.method == \"mpesa\""},
            {"side": "debit", "role": "loan_fees_receivable", "amount": "fees",
             "when": "$.method == \"mpesa\""},
            {"side": "debit", "role": "loan_penalties_receivable", "amount": "penalties",
             "when": "$.method == \"mpesa\""},
            {"side": "debit", "role": "loan_advances", "amount": "advance",
             "when": "$.method == \"mpesa\""},
            {"side": "credit", "role": "loan_bank", "amount": "amount",
             "when": "$.method != \"cash\" && $.method != \"mpesa\""},
            {"side": "debit", "role": "loans_receivable", "amount": "principal",
             "when": "$.method != \"cash\" && $.method != \"mpesa\""},
            {"side": "debit", "role": "loan_interest_receivable", "amount": "interest",
             "when": "$.method != \"cash\" && $.method != \"mpesa\""},
            {"side": "debit", "role": "loan_fees_receivable", "amount": "fees",
             "when": "$.method != \"cash\" && $.method != \"mpesa\""},
            {"side": "debit", "role": "loan_penalties_receivable", "amount": "penalties",
             "when": "$.method != \"cash\" && $.method != \"mpesa\""},
            {"side": "debit", "role": "loan_advances", "amount": "advance",
             "when": "$.method != \"cash\" && $.method != \"mpesa\""}
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
            {"side": "debit", "role": "loan_bank", "amount": "amount",
             "when": "$.method != \"cash\" && $.method != \"mpesa\""},
            {"side": "credit", "role": "loan_recovery_income", "amount": "amount",
             "department": "{branch_code}", "when": "$.method != \"cash\" && $.method != \"mpesa\""}
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
            {"side": "credit", "role": "loan_bank", "amount": "amount",
             "when": "$.method != \"cash\" && $.method != \"mpesa\""},
            {"side": "debit", "role": "loan_recovery_income", "amount": "amount",
             "department": "{branch_code}", "when": "$.method != \"cash\" && $.method != \"mpesa\""}
        ]
    }'
),
(
    'lending.overpayment_refunded',
    '{
        "event_type": "lending.overpayment_refunded",
        "name": "Loan overpayment refunded",
        "description": "Loan {loan_no} refund",
        "date": "on",
        "currency": "currency_code",
        "reference": "{loan_no}",
        "lines": [
            {"side": "credit", "role": "loan_cash", "amount": "amount",
             "when": "$.method == \"cash\""},
            {"side": "debit", "role": "loan_advances", "amount": "amount",
             "when": "$.method == \"cash\""},
            {"side": "credit", "role": "loan_mobile_money", "amount": "amount",
             "when": "$.method == \"mpesa\""},
            {"side": "debit", "role": "loan_advances", "amount": "amount",
             "when": "$.method == \"mpesa\""},
            {"side": "credit", "role": "loan_bank", "amount": "amount",
             "when": "$.method != \"cash\" && $.method != \"mpesa\""},
            {"side": "debit", "role": "loan_advances", "amount": "amount",
             "when": "$.method != \"cash\" && $.method != \"mpesa\""}
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
            {"side": "debit", "role": "loan_bank", "amount": "amount",
             "when": "$.method != \"cash\" && $.method != \"mpesa\""},
            {"side": "credit", "role": "loan_advances", "amount": "amount",
             "when": "$.method != \"cash\" && $.method != \"mpesa\""}
        ]
    }'
)
ON CONFLICT (event_type) DO NOTHING;
