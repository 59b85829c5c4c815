-- requires: lending.arrears_as_of
-- The loans that are late today, with how their borrowers are reached.
CREATE OR REPLACE VIEW lending.vw_overdue_loans WITH (security_invoker = true) AS
SELECT
    l.tenant_id,
    l.business_id,
    u.code::text AS business_code,
    a.loan_id,
    l.loan_no::text AS loan_no,
    l.status,
    p.code::text AS loan_type,
    l.officer::text AS officer,
    b.code::text AS branch_code,
    g.code::text AS group_code,
    l.currency_code::text AS currency_code,
    a.principal AS outstanding_principal,
    a.arrears_principal,
    a.arrears_interest,
    a.arrears_fees,
    a.arrears,
    k.penalties::numeric AS penalties,
    a.arrears + k.penalties AS overdue,
    a.late_since,
    a.days_past_due,
    a.is_restructured,
    l.customer_id,
    c.customer_no::text AS customer_no,
    c.name::text AS customer_name,
    c.email::text AS email,
    c.phone_encrypted,
    c.phone_hash,
    c.address,
    c.locale
FROM identity.businesses AS u
CROSS JOIN LATERAL lending.arrears_as_of(u.tenant_id, ARRAY[u.id], current_date) AS a
INNER JOIN lending.loans AS l ON u.tenant_id = l.tenant_id AND a.loan_id = l.id
INNER JOIN lending.products AS p ON l.tenant_id = p.tenant_id AND l.product_id = p.id
INNER JOIN lending.loan_balances AS k ON l.tenant_id = k.tenant_id AND l.id = k.loan_id
LEFT JOIN lending.branches AS b ON l.tenant_id = b.tenant_id AND l.branch_id = b.id
LEFT JOIN lending.groups AS g ON l.tenant_id = g.tenant_id AND l.group_id = g.id
LEFT JOIN party.customer_details AS c ON l.tenant_id = c.tenant_id AND l.customer_id = c.id
WHERE a.days_past_due > 0;
COMMENT ON VIEW lending.vw_overdue_loans IS
'Loans with an instalment that is late today: how late, what of past instalments is not paid '
'(arrears), the penalties owed at the end of the last day that was counted, both together, and the '
'borrower with e-mail, address and phone, encrypted and hashed as in party.customer_details.';
