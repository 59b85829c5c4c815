-- What is due when of each loan, and what of it is paid.
CREATE OR REPLACE VIEW lending.payment_schedules WITH (security_invoker = true) AS
WITH settled AS (
    SELECT
        i.*,
        least(i.principal, greatest(
            b.principal_settled - i.principal_to_date + i.principal, 0
        )) AS principal_paid,
        least(i.interest, greatest(
            b.interest_settled - i.interest_to_date + i.interest, 0
        )) AS interest_paid,
        least(i.fees, greatest(b.fees_settled - i.fees_to_date + i.fees, 0)) AS fees_paid,
        greatest(i.principal_to_date - b.principal_settled, 0)
        + greatest(i.interest_to_date - b.interest_settled, 0)
        + greatest(i.fees_to_date - b.fees_settled, 0) <= b.advance AS is_paid
    FROM lending.loan_balances AS b
    INNER JOIN lending.instalments AS i
        ON
            b.tenant_id = i.tenant_id
            AND b.business_id = i.business_id
            AND b.schedule_id = i.schedule_id
)

SELECT
    s.tenant_id,
    s.business_id,
    s.loan_id,
    s.schedule_id,
    s.instalment_no,
    s.due_date,
    s.amount,
    s.principal,
    s.interest,
    s.fees,
    s.balance,
    s.principal_paid,
    s.interest_paid,
    s.fees_paid,
    s.principal_paid + s.interest_paid + s.fees_paid AS paid_amount,
    s.is_paid
FROM settled AS s;
COMMENT ON VIEW lending.payment_schedules IS
'The instalments of each loan that was paid out, by the version of its schedule that is in force, '
'and what is settled of them. Of an earlier version: lending.instalments.';
COMMENT ON COLUMN lending.payment_schedules.balance IS 'The principal that is left after it.';
COMMENT ON COLUMN lending.payment_schedules.principal_paid IS
'What of it is settled: paid, or written off; the other two likewise, or waived.';
COMMENT ON COLUMN lending.payment_schedules.is_paid IS
'All of it and of those before it is settled, or what is kept for the borrower covers the rest.';
