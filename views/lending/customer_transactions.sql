-- What happened to the loans of each borrower.
CREATE OR REPLACE VIEW lending.customer_transactions WITH (security_invoker = true) AS
SELECT
    t.tenant_id,
    t.id,
    t.business_id,
    l.customer_id,
    t.loan_id,
    l.loan_no,
    t.place,
    t.kind,
    t.effective_on,
    l.currency_code,
    t.amount,
    t.fees_withheld,
    t.method,
    t.reference,
    t.description,
    r.reversed_on,
    r.reason AS reversal_reason,
    t.created_at,
    t.created_by
FROM lending.transactions AS t
INNER JOIN lending.loans AS l
    ON t.tenant_id = l.tenant_id AND t.business_id = l.business_id AND t.loan_id = l.id
LEFT JOIN lending.reversals AS r
    ON t.tenant_id = r.tenant_id AND t.id = r.transaction_id;
COMMENT ON VIEW lending.customer_transactions IS
'lending.transactions with the borrower, and when and why each was reversed (NULL: it was not).';
