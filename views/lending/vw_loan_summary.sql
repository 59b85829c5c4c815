-- Every loan with what it is, what it costs and how it stands.
CREATE OR REPLACE VIEW lending.vw_loan_summary WITH (security_invoker = true) AS
SELECT
    l.tenant_id,
    l.business_id,
    u.code::text AS business_code,
    l.id AS loan_id,
    l.loan_no::text AS loan_no,
    l.customer_id,
    c.customer_no::text AS customer_no,
    c.display_name::text AS customer_name,
    p.code::text AS loan_type,
    p.name::text AS loan_type_name,
    l.status,
    l.purpose::text AS purpose,
    l.officer::text AS officer,
    b.code::text AS branch_code,
    g.code::text AS group_code,
    l.currency_code::text AS currency_code,
    coalesce(a.disbursed, l.principal::numeric) AS amount,
    coalesce(s.annual_rate_percent, l.annual_rate_percent) AS interest_rate,
    coalesce(e.instalments, l.instalments::bigint) AS term,
    l.every,
    l.frequency,
    l.applied_on,
    l.disbursed_on AS start_date,
    e.end_date,
    l.restructured_on,
    l.defaulted_on,
    l.closed_on,
    l.written_off_on,
    a.principal AS outstanding_principal,
    a.interest AS outstanding_interest,
    a.fees AS outstanding_fees,
    a.penalties AS outstanding_penalties,
    a.principal + a.interest + a.fees + a.penalties AS outstanding_total,
    a.principal_settled,
    a.interest_settled,
    a.fees_settled,
    a.penalties_settled,
    a.advance,
    a.allowance,
    a.overdue,
    a.oldest_unpaid_due_on,
    a.days_past_due,
    a.processed_through AS balances_as_of
FROM lending.loans AS l
INNER JOIN identity.businesses AS u ON l.tenant_id = u.tenant_id AND l.business_id = u.id
INNER JOIN lending.products AS p ON l.tenant_id = p.tenant_id AND l.product_id = p.id
LEFT JOIN party.customers AS c ON l.tenant_id = c.tenant_id AND l.customer_id = c.id
LEFT JOIN lending.branches AS b ON l.tenant_id = b.tenant_id AND l.branch_id = b.id
LEFT JOIN lending.groups AS g ON l.tenant_id = g.tenant_id AND l.group_id = g.id
LEFT JOIN lending.loan_balances AS a ON l.tenant_id = a.tenant_id AND l.id = a.loan_id
LEFT JOIN lending.schedules AS s ON a.tenant_id = s.tenant_id AND a.schedule_id = s.id
LEFT JOIN LATERAL (
    SELECT
        count(*) AS instalments,
        max(i.due_date::date) AS end_date
    FROM lending.instalments AS i
    WHERE
        i.tenant_id = s.tenant_id
        AND i.business_id = s.business_id
        AND i.schedule_id = s.id
) AS e ON s.id IS NOT NULL;
COMMENT ON VIEW lending.vw_loan_summary IS
'Every loan under usual names, with its borrower: loan_type is the product; amount what was lent, '
'before that what may be; interest_rate percent a year as of now; term the instalments of the '
'schedule in force, before it is paid out of the application; start_date when it was first paid '
'out, end_date when the last instalment is due. Balances are at the end of balances_as_of, the '
'last day that was counted; as of any other day: lending.loan_balance.';
