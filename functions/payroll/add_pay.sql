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
    WITH periods AS (
        -- The days of employment that no other run pays, such as one of another calendar.
        SELECT
            r.id,
            r.tenant_id,
            r.employee_id,
            datemultirange(daterange(
                greatest(c.hired_on, p_run.starts_on), least(c.terminated_on, p_run.ends_on), '[]'
            )) - coalesce((
                SELECT range_agg(daterange(n.starts_on, n.ends_on, '[]'))
                FROM payroll.payroll_records AS o
                INNER JOIN payroll.runs AS n ON n.tenant_id = o.tenant_id AND n.id = o.run_id
                WHERE o.tenant_id = r.tenant_id
                    AND o.business_id = r.business_id
                    AND o.employee_id = r.employee_id
                    AND o.run_id <> r.run_id
                    AND o.status IN ('processing', 'processed', 'paid', 'reversing')
            ), '{}') AS due
        FROM payroll.payroll_records AS r
        INNER JOIN payroll.employee_cache AS c
            ON c.tenant_id = r.tenant_id AND c.employee_id = r.employee_id
        WHERE r.tenant_id = p_tenant_id AND r.run_id = p_run.id AND r.status = 'pending'
    )

    SELECT
        p_tenant_id,
        p_run.business_id,
        p.id,
        'earning',
        'salary',
        round(
            e.amount
            / payroll.periods_per_year(p_calendar.frequency)
            / (p_run.ends_on - p_run.starts_on + 1)
            / p_calendar.rounding
        ) * p_calendar.rounding
    FROM periods AS p
    CROSS JOIN LATERAL (
        SELECT
            coalesce(sum(n.days), 0) AS days,
            coalesce(sum(s.amount * CASE s.unit WHEN 'month' THEN 12 ELSE 1 END * n.days), 0)
                AS amount
        FROM (
            SELECT
                a.amount,
                a.unit,
                a.currency_code,
                daterange(
                    a.effective_from, lead(a.effective_from) OVER (ORDER BY a.effective_from)
                ) AS held
            FROM payroll.salary_cache AS a
            WHERE a.tenant_id = p.tenant_id AND a.employee_id = p.employee_id
        ) AS s
        CROSS JOIN LATERAL (
            SELECT sum(upper(u.days) - lower(u.days)) AS days
            FROM unnest(p.due * datemultirange(s.held)) AS u (days)
        ) AS n
        WHERE s.currency_code = p_calendar.currency_code
    ) AS e
    WHERE e.days = (
        SELECT coalesce(sum(upper(u.days) - lower(u.days)), 0) FROM unnest(p.due) AS u (days)
    );
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
                    'No salary in %s holds on each day of the period.', p_calendar.currency_code
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
'out by calendar days: of joiners and leavers the days of employment count, of a raise within the '
'period each salary has its days, and what the period of another run has that is in the books is '
'paid. Internal. Raises ZY006 (no salary in the calendar''s '
'currency, or more absence than pay).';
