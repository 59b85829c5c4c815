-- The sums of a record are those of its items.
CREATE OR REPLACE FUNCTION payroll.sum_records(p_tenant_id integer, p_run payroll.runs)
RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_problem record;
    v_count integer;
BEGIN
    SELECT
        r.employee_no,
        r.gross,
        sum(i.amount) AS withheld
    INTO v_problem
    FROM payroll.payroll_records AS r
    INNER JOIN payroll.record_items AS i ON i.tenant_id = r.tenant_id AND i.record_id = r.id
    WHERE r.tenant_id = p_tenant_id
        AND r.run_id = p_run.id
        AND r.status = 'pending'
        AND i.kind IN ('statutory', 'deduction')
    GROUP BY r.id, r.employee_no, r.gross
    HAVING sum(i.amount) > r.gross
    ORDER BY r.employee_no COLLATE "C"
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'pay of employee % cannot be calculated', v_problem.employee_no
        USING ERRCODE = 'ZY006',
            DETAIL = format(
                'What is kept back, %s, exceeds the gross, %s.', v_problem.withheld,
                v_problem.gross
            ),
            HINT = 'See payroll.run_items.';
    END IF;
    UPDATE payroll.payroll_records AS r
    SET
        federal_tax = s.federal_tax,
        state_tax = s.state_tax,
        social_security_tax = s.social_security_tax,
        medicare_tax = s.medicare_tax,
        paye = s.paye,
        nssf = s.nssf,
        shif = s.shif,
        housing_levy = s.housing_levy,
        other_deductions = s.other_deductions,
        employer_social_security = s.employer_social_security,
        employer_medicare = s.employer_medicare,
        employer_nssf = s.employer_nssf,
        employer_housing_levy = s.employer_housing_levy
    FROM payroll.payroll_records AS o
    CROSS JOIN LATERAL payroll.record_sums(o.tenant_id, o.id) AS s
    WHERE r.tenant_id = p_tenant_id
        AND r.run_id = p_run.id
        AND r.status = 'pending'
        AND o.tenant_id = r.tenant_id
        AND o.id = r.id;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END;
$$;
COMMENT ON FUNCTION payroll.sum_records(integer, payroll.runs) IS
'Brings the sums of the pending records of a run up to date and returns how many there are. '
'Internal. Raises ZY006 (more is kept back than earned).';
