-- A pending record for whom the run is to pay, and none for others.
CREATE OR REPLACE FUNCTION payroll.prepare_records(p_tenant_id integer, p_run payroll.runs)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_due uuid[] := ARRAY(
        SELECT e.employee_id
        FROM payroll.enrolments AS e
        INNER JOIN payroll.employee_cache AS c
            ON c.tenant_id = e.tenant_id AND c.employee_id = e.employee_id
        WHERE e.tenant_id = p_tenant_id
            AND e.calendar_id = p_run.calendar_id
            AND c.hired_on <= p_run.ends_on
            AND coalesce(c.terminated_on, 'infinity') >= p_run.starts_on
    );
BEGIN
    DELETE FROM payroll.payroll_records AS r
    WHERE r.tenant_id = p_tenant_id
        AND r.run_id = p_run.id
        AND r.status = 'pending'
        AND r.employee_id <> ALL (v_due);
    DELETE FROM payroll.record_items AS i
    USING payroll.payroll_records AS r
    WHERE i.tenant_id = p_tenant_id
        AND r.tenant_id = i.tenant_id
        AND r.id = i.record_id
        AND r.run_id = p_run.id
        AND r.status = 'pending';
    INSERT INTO payroll.payroll_records (
        tenant_id, business_id, run_id, employee_id, employee_no, department_code, pay_date
    )
    SELECT
        p_tenant_id,
        p_run.business_id,
        p_run.id,
        c.employee_id,
        c.employee_no,
        c.department_code,
        p_run.pay_date
    FROM payroll.employee_cache AS c
    WHERE c.tenant_id = p_tenant_id AND c.employee_id = ANY (v_due)
    ON CONFLICT (tenant_id, run_id, employee_id) WHERE status <> 'reversed' DO NOTHING;
    UPDATE payroll.payroll_records AS r
    SET
        employee_no = c.employee_no,
        department_code = c.department_code,
        -- What the books refused may be another sum now: they are not to take it for the first.
        attempt = r.attempt + CASE WHEN r.rejection_reason IS NULL THEN 0 ELSE 1 END,
        rejection_reason = NULL,
        -- Net is never negative, on the way neither.
        gross = 0,
        federal_tax = 0,
        state_tax = 0,
        social_security_tax = 0,
        medicare_tax = 0,
        paye = 0,
        nssf = 0,
        shif = 0,
        housing_levy = 0,
        other_deductions = 0,
        ytd_gross = payroll.gross_to_date(
            r.tenant_id, r.business_id, r.employee_id, r.pay_date
        )
    FROM payroll.employee_cache AS c
    WHERE r.tenant_id = p_tenant_id
        AND r.run_id = p_run.id
        AND r.status = 'pending'
        AND c.tenant_id = r.tenant_id
        AND c.employee_id = r.employee_id;
END;
$$;
COMMENT ON FUNCTION payroll.prepare_records(integer, payroll.runs) IS
'Makes and removes pending records of a run, without items: one for each employee of its calendar '
'who is employed on a day of its period and has none that is in the books. Internal.';
