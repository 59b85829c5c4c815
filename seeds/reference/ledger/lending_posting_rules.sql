-- How lending is posted where no money moves, unless a tenant or business says otherwise:
-- ledger.create_reference_rules takes these over once accounts have the roles. Where money moves:
-- lending_cash_posting_rules.sql, lending_payment_posting_rules.sql.
INSERT INTO ledger.reference_posting_rules AS r (event_type, rule)
VALUES
(
    'lending.payment_reallocated',
    '{
        "event_type": "lending.payment_reallocated",
        "name": "Loan payment reallocated",
        "description": "Loan {loan_no} payment reallocated",
        "date": "on",
        "currency": "currency_code",
        "reference": "{loan_no}",
        "lines": [
            {"side": "debit", "role": "loans_receivable", "amount": "from_principal"},
            {"side": "debit", "role": "loan_interest_receivable", "amount": "from_interest"},
            {"side": "debit", "role": "loan_fees_receivable", "amount": "from_fees"},
            {"side": "debit", "role": "loan_penalties_receivable", "amount": "from_penalties"},
            {"side": "debit", "role": "loan_advances", "amount": "from_advance"},
            {"side": "credit", "role": "loan_payment_clearing", "amount": "amount"},
            {"side": "debit", "role": "loan_payment_clearing", "amount": "moved"},
            {"side": "credit", "role": "loans_receivable", "amount": "to_principal"},
            {"side": "credit", "role": "loan_interest_receivable", "amount": "to_interest"},
            {"side": "credit", "role": "loan_fees_receivable", "amount": "to_fees"},
            {"side": "credit", "role": "loan_penalties_receivable", "amount": "to_penalties"},
            {"side": "credit", "role": "loan_advances", "amount": "to_advance"}
        ]
    }'
),
(
    'lending.loan_charged',
    '{
        "event_type": "lending.loan_charged",
        "name": "Loan charges",
        "description": "Loan {loan_no} charges",
        "date": "on",
        "currency": "currency_code",
        "reference": "{loan_no}",
        "lines": [
            {"side": "debit", "role": "loan_interest_receivable", "amount": "interest_charged"},
            {"side": "credit", "role": "loan_interest_income", "amount": "interest_charged",
             "department": "{branch_code}"},
            {"side": "debit", "role": "loan_interest_income", "amount": "interest_cancelled",
             "department": "{branch_code}"},
            {"side": "credit", "role": "loan_interest_receivable", "amount": "interest_cancelled"},
            {"side": "debit", "role": "loan_fees_receivable", "amount": "fees_charged"},
            {"side": "credit", "role": "loan_fee_income", "amount": "fees_charged",
             "department": "{branch_code}"},
            {"side": "debit", "role": "loan_fee_income", "amount": "fees_cancelled",
             "department": "{branch_code}"},
            {"side": "credit", "role": "loan_fees_receivable", "amount": "fees_cancelled"},
            {"side": "debit", "role": "loan_penalties_receivable", "amount": "penalties_charged"},
            {"side": "credit", "role": "loan_penalty_income", "amount": "penalties_charged",
             "department": "{branch_code}"},
            {"side": "debit", "role": "loan_penalty_income", "amount": "penalties_cancelled",
             "department": "{branch_code}"},
            {"side": "credit", "role": "loan_penalties_receivable",
             "amount": "penalties_cancelled"}
        ]
    }'
),
(
    'lending.product_charged',
    '{
        "event_type": "lending.product_charged",
        "name": "Loan charges",
        "description": "Loans {product_code} charges",
        "date": "on",
        "currency": "currency_code",
        "reference": "{product_code}",
        "lines": [
            {"side": "debit", "role": "loan_interest_receivable", "amount": "interest_charged"},
            {"side": "credit", "role": "loan_interest_income", "amount": "interest_charged",
             "department": "{branch_code}"},
            {"side": "debit", "role": "loan_interest_income", "amount": "interest_cancelled",
             "department": "{branch_code}"},
            {"side": "credit", "role": "loan_interest_receivable", "amount": "interest_cancelled"},
            {"side": "debit", "role": "loan_fees_receivable", "amount": "fees_charged"},
            {"side": "credit", "role": "loan_fee_income", "amount": "fees_charged",
             "department": "{branch_code}"},
            {"side": "debit", "role": "loan_fee_income", "amount": "fees_cancelled",
             "department": "{branch_code}"},
            {"side": "credit", "role": "loan_fees_receivable", "amount": "fees_cancelled"},
            {"side": "debit", "role": "loan_penalties_receivable", "amount": "penalties_charged"},
            {"side": "credit", "role": "loan_penalty_income", "amount": "penalties_charged",
             "department": "{branch_code}"},
            {"side": "debit", "role": "loan_penalty_income", "amount": "penalties_cancelled",
             "department": "{branch_code}"},
            {"side": "credit", "role": "loan_penalties_receivable",
             "amount": "penalties_cancelled"}
        ]
    }'
),
(
    'lending.balances_waived',
    '{
        "event_type": "lending.balances_waived",
        "name": "Loan balances waived",
        "description": "Loan {loan_no} waiver",
        "date": "on",
        "currency": "currency_code",
        "reference": "{loan_no}",
        "lines": [
            {"side": "debit", "role": "loan_waivers", "amount": "amount",
             "department": "{branch_code}"},
            {"side": "credit", "role": "loan_interest_receivable", "amount": "interest"},
            {"side": "credit", "role": "loan_fees_receivable", "amount": "fees"},
            {"side": "credit", "role": "loan_penalties_receivable", "amount": "penalties"}
        ]
    }'
),
(
    'lending.waiver_reversed',
    '{
        "event_type": "lending.waiver_reversed",
        "name": "Loan waiver reversed",
        "description": "Loan {loan_no} waiver reversed",
        "date": "on",
        "currency": "currency_code",
        "reference": "{loan_no}",
        "lines": [
            {"side": "credit", "role": "loan_waivers", "amount": "amount",
             "department": "{branch_code}"},
            {"side": "debit", "role": "loan_interest_receivable", "amount": "interest"},
            {"side": "debit", "role": "loan_fees_receivable", "amount": "fees"},
            {"side": "debit", "role": "loan_penalties_receivable", "amount": "penalties"}
        ]
    }'
),
(
    'lending.loan_written_off',
    '{
        "event_type": "lending.loan_written_off",
        "name": "Loan written off",
        "description": "Loan {loan_no} written off",
        "date": "on",
        "currency": "currency_code",
        "reference": "{loan_no}",
        "lines": [
            {"side": "debit", "role": "loan_loss_expense", "amount": "amount",
             "department": "{branch_code}"},
            {"side": "credit", "role": "loans_receivable", "amount": "principal"},
            {"side": "credit", "role": "loan_interest_receivable", "amount": "interest"},
            {"side": "credit", "role": "loan_fees_receivable", "amount": "fees"},
            {"side": "credit", "role": "loan_penalties_receivable", "amount": "penalties"}
        ]
    }'
),
(
    'lending.write_off_reversed',
    '{
        "event_type": "lending.write_off_reversed",
        "name": "Loan write-off reversed",
        "description": "Loan {loan_no} write-off reversed",
        "date": "on",
        "currency": "currency_code",
        "reference": "{loan_no}",
        "lines": [
            {"side": "credit", "role": "loan_loss_expense", "amount": "amount",
             "department": "{branch_code}"},
            {"side": "debit", "role": "loans_receivable", "amount": "principal"},
            {"side": "debit", "role": "loan_interest_receivable", "amount": "interest"},
            {"side": "debit", "role": "loan_fees_receivable", "amount": "fees"},
            {"side": "debit", "role": "loan_penalties_receivable", "amount": "penalties"}
        ]
    }'
),
(
    'lending.allowance_changed',
    '{
        "event_type": "lending.allowance_changed",
        "name": "Loan loss allowance",
        "description": "Loan {loan_no} loss allowance",
        "date": "on",
        "currency": "currency_code",
        "reference": "{loan_no}",
        "lines": [
            {"side": "debit", "role": "loan_loss_expense", "amount": "raised",
             "department": "{branch_code}"},
            {"side": "credit", "role": "loan_loss_allowance", "amount": "raised"},
            {"side": "debit", "role": "loan_loss_allowance", "amount": "released"},
            {"side": "credit", "role": "loan_loss_expense", "amount": "released",
             "department": "{branch_code}"}
        ]
    }'
),
(
    'lending.product_allowance_changed',
    '{
        "event_type": "lending.product_allowance_changed",
        "name": "Loan loss allowance",
        "description": "Loans {product_code} loss allowance",
        "date": "on",
        "currency": "currency_code",
        "reference": "{product_code}",
        "lines": [
            {"side": "debit", "role": "loan_loss_expense", "amount": "raised",
             "department": "{branch_code}"},
            {"side": "credit", "role": "loan_loss_allowance", "amount": "raised"},
            {"side": "debit", "role": "loan_loss_allowance", "amount": "released"},
            {"side": "credit", "role": "loan_loss_expense", "amount": "released",
             "department": "{branch_code}"}
        ]
    }'
)
ON CONFLICT (event_type) DO NOTHING;
