-- Salary by the days that it holds, and the items of the run.
CREATE OR REPLACE FUNCTION payroll.add_pay(
    p_tenant_id integer,
    p_run payroll.runs,
    p_calendar payroll.calendars
)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_problem record;
BEGIN
    INSERT INTO payroll.record_items (tenant_id, business_id, record_id, kind, code, amount)
    SELECT
        p_tenant_id,
        p_run.business_id,
        r.id,
        'earning',
        'salary',
        round(
            sum(
                s.amount * CASE s.unit WHEN 'month' THEN 12 ELSE 1 END
                * (d.last_day - d.first_day + 1)
            )
            / payroll.periods_per_year(p_calendar.frequency)
            / (p_run.ends_on - p_run.starts_on + 1)
            / p_calendar.rounding
        ) * p_calendar.rounding
    FROM payroll.payroll_records AS r
    INNER JOIN payroll.employee_cache AS c
        ON c.tenant_id = r.tenant_id AND c.employee_id = r.employee_id
    CROSS JOIN LATERAL (
        SELECT
            a.amount,
            a.unit,
            a.effective_from,
            lead(a.effective_from) OVER (ORDER BY a.effective_from) AS next_from
        FROM payroll.salary_cache AS a
        WHERE a.tenant_id = r.tenant_id
            AND a.employee_id = r.employee_id
            AND a.currency_code = p_calendar.currency_code
    ) AS s
    CROSS JOIN LATERAL (
        SELECT
            greatest(s.effective_from, c.hired_on, p_run.starts_on) AS first_day,
            least(s.next_from - 1, c.terminated_on, p_run.ends_on) AS last_day
    ) AS d
    WHERE r.tenant_id = p_tenant_id
        AND r.run_id = p_run.id
        AND r.status = 'pending'
        AND d.first_day <= d.last_day
    GROUP BY r.id;
    INSERT INTO payroll.record_items (tenant_id, business_id, record_id, kind, code, amount)
    SELECT
        i.tenant_id,
        i.business_id,
        r.id,
        i.kind,
        i.code,
        i.amount
    FROM payroll.run_items AS i
    INNER JOIN payroll.payroll_records AS r
        ON r.tenant_id = i.tenant_id AND r.run_id = i.run_id AND r.employee_id = i.employee_id
    WHERE i.tenant_id = p_tenant_id AND i.run_id = p_run.id AND r.status = 'pending';
    SELECT
        r.employee_no,
        sum(CASE i.kind WHEN 'earning' THEN i.amount WHEN 'absence' THEN -i.amount END) AS gross,
        count(*) FILTER (WHERE i.code = 'salary') AS salaries
    INTO v_problem
    FROM payroll.payroll_records AS r
    LEFT JOIN payroll.record_items AS i ON i.tenant_id = r.tenant_id AND i.record_id = r.id
    WHERE r.tenant_id = p_tenant_id AND r.run_id = p_run.id AND r.status = 'pending'
    GROUP BY r.id, r.employee_no
    HAVING count(*) FILTER (WHERE i.code = 'salary') = 0
        OR sum(CASE i.kind WHEN 'earning' THEN i.amount WHEN 'absence' THEN -i.amount END) < 0
    ORDER BY r.employee_no COLLATE "C"
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'pay of employee % cannot be calculated', v_problem.employee_no
        USING ERRCODE = 'ZY006',
            DETAIL = CASE
                WHEN v_problem.salaries = 0 THEN format(
                    'No salary in %s holds in the period.', p_calendar.currency_code
                )
                ELSE format('Absence exceeds what is earned: %s.', v_problem.gross)
            END,
            HINT = 'See payroll.salary_cache and payroll.run_items.';
    END IF;
    UPDATE payroll.payroll_records AS r
    SET gross = (
        SELECT sum(CASE i.kind WHEN 'earning' THEN i.amount WHEN 'absence' THEN -i.amount END)
        FROM payroll.record_items AS i
        WHERE i.tenant_id = r.tenant_id AND i.record_id = r.id
    )
    WHERE r.tenant_id = p_tenant_id AND r.run_id = p_run.id AND r.status = 'pending';
END;
$$;
COMMENT ON FUNCTION payroll.add_pay(integer, payroll.runs, payroll.calendars) IS
'Adds salary and other items to the pending records of a run, and their gross. Salary is shared '
'out by calendar days: of joiners and leavers the days of employment count, and of a raise within '
'the period each salary has its days. Internal. Raises ZY006 (no salary in the calendar''s '
'currency, or more absence than pay).';
