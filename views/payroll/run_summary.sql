-- requires: payroll.run_totals
CREATE MATERIALIZED VIEW payroll.run_summary AS
SELECT
    t.tenant_id,
    t.run_id,
    t.business_id,
    t.department_code,
    t.employees,
    t.gross,
    t.taxes,
    t.deductions,
    t.net,
    t.employer_costs,
    t.paid
FROM payroll.run_totals() AS t;
CREATE UNIQUE INDEX run_summary_idx
ON payroll.run_summary (tenant_id, run_id, department_code);
COMMENT ON MATERIALIZED VIEW payroll.run_summary IS
'What each run came to per department, of the records that are in the books, as of the last '
'payroll.refresh_summary. All tenants: read it through payroll.run_summaries.';
