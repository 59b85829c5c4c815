CREATE OR REPLACE VIEW payroll.payslips
WITH (security_invoker = true) AS
SELECT
    r.tenant_id,
    r.business_id,
    r.id AS record_id,
    c.code AS calendar_code,
    n.period_code,
    n.starts_on,
    n.ends_on,
    r.pay_date,
    r.employee_no,
    e.name AS employee_name,
    r.department_code,
    c.currency_code,
    r.gross,
    r.taxes,
    r.deductions,
    r.net,
    r.employer_costs,
    r.status,
    r.paid_on,
    (
        SELECT
            jsonb_agg(
                jsonb_build_object(
                    'kind', i.kind,
                    'code', i.code,
                    'base', i.base,
                    'amount', i.amount,
                    'shortfall', i.shortfall,
                    'employer_amount', i.employer_amount,
                    'base_to_date', i.base_before + i.base,
                    'amount_to_date', i.amount_before + i.amount,
                    'employer_amount_to_date', i.employer_amount_before + i.employer_amount
                )
                ORDER BY i.kind, i.code
            )
        FROM payroll.record_items AS i
        WHERE i.tenant_id = r.tenant_id AND i.record_id = r.id
    ) AS items,
    r.ytd_gross + r.gross AS gross_to_date,
    (
        SELECT coalesce(sum(i.shortfall), 0)
        FROM payroll.record_items AS i
        WHERE i.tenant_id = r.tenant_id AND i.record_id = r.id
    ) AS shortfall
FROM payroll.payroll_records AS r
INNER JOIN payroll.runs AS n ON r.tenant_id = n.tenant_id AND r.run_id = n.id
INNER JOIN payroll.calendars AS c ON n.tenant_id = c.tenant_id AND n.calendar_id = c.id
INNER JOIN payroll.employee_cache AS e
    ON r.tenant_id = e.tenant_id AND r.employee_id = e.employee_id
WHERE r.status <> 'reversed';
COMMENT ON VIEW payroll.payslips IS
'Payslips: what each employee gets of each run and how it comes about. Those of pending records '
'may still change. Read with the permission payroll.read.';
COMMENT ON COLUMN payroll.payslips.items IS
'List of objects, one a line: kind, code, base (what rates were put to), amount, shortfall (due '
'besides and not withheld), employer_amount; '
'…_to_date: of statutory lines the same for the calendar year of pay_date, this record and '
'payroll.opening_balances included.';
COMMENT ON COLUMN payroll.payslips.gross_to_date IS
'Of the calendar year of pay_date, this record and payroll.opening_balances included.';
COMMENT ON COLUMN payroll.payslips.shortfall IS
'What the law would withhold besides, had the pay been enough: to be settled by hand.';
