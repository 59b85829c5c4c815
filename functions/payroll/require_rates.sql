-- A run without rates would withhold nothing, silently; so would one component, or one status.
CREATE OR REPLACE FUNCTION payroll.require_rates(
    p_tenant_id integer,
    p_run payroll.runs,
    p_calendar payroll.calendars
)
RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_missing text;
BEGIN
    -- Of US-NY-NYC rates of US, US-NY and US-NY-NYC hold.
    SELECT j.name INTO v_missing
    FROM (
        SELECT array_to_string(
            (string_to_array(p_calendar.jurisdiction, '-'))[:n.parts], '-'
        ) AS name
        FROM generate_series(
            1, cardinality(string_to_array(p_calendar.jurisdiction, '-'))
        ) AS n (parts)
    ) AS j
    WHERE NOT EXISTS (
        SELECT FROM payroll.tax_rates AS t
        WHERE t.jurisdiction = j.name
            AND t.effective_from <= p_run.pay_date
            AND coalesce(t.effective_to, 'infinity') >= p_run.pay_date
    )
    ORDER BY j.name
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'no rates of % are known for %', v_missing, p_run.pay_date
        USING ERRCODE = 'ZY009',
            HINT = 'See payroll.tax_rates; pgerp seed reference loads those that pgerp ships.';
    END IF;
    -- A component with rates for other days only would not be withheld, one among others.
    SELECT format('%s %s of %s', t.jurisdiction, t.component, s.filing_status) INTO v_missing
    FROM payroll.tax_rates AS t
    CROSS JOIN (
        SELECT DISTINCT e.filing_status
        FROM payroll.payroll_records AS r
        INNER JOIN payroll.enrolments AS e
            ON e.tenant_id = r.tenant_id AND e.employee_id = r.employee_id
        WHERE r.tenant_id = p_tenant_id AND r.run_id = p_run.id AND r.status = 'pending'
    ) AS s
    WHERE (p_calendar.jurisdiction || '-') LIKE (t.jurisdiction || '-%')
    GROUP BY t.jurisdiction, t.component, s.filing_status
    HAVING NOT bool_or(
        t.filing_status IN ('any', s.filing_status)
        AND t.effective_from <= p_run.pay_date
        AND coalesce(t.effective_to, 'infinity') >= p_run.pay_date
    )
    ORDER BY t.jurisdiction, t.component, s.filing_status
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'no rates of % are known for %', v_missing, p_run.pay_date
        USING ERRCODE = 'ZY009',
            DETAIL = 'There are rates of it for other days or filing statuses.',
            HINT = 'Add the rates that hold on that day; rates of zero where it is not owed.';
    END IF;
    SELECT format('%s %s are in %s', t.jurisdiction, t.component, t.currency_code) INTO v_missing
    FROM payroll.tax_rates AS t
    WHERE (p_calendar.jurisdiction || '-') LIKE (t.jurisdiction || '-%')
        AND t.effective_from <= p_run.pay_date
        AND coalesce(t.effective_to, 'infinity') >= p_run.pay_date
        AND t.currency_code <> p_calendar.currency_code
    ORDER BY t.jurisdiction, t.component
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'rates of % and calendar % pays in %', v_missing, p_calendar.code,
            p_calendar.currency_code
        USING ERRCODE = 'ZY009',
            HINT = 'Pay by a business in that currency, or add rates in that of the calendar.';
    END IF;
END;
$$;
COMMENT ON FUNCTION payroll.require_rates(integer, payroll.runs, payroll.calendars) IS
'Internal. Raises ZY009 unless, on the pay date of a run, rates hold of its jurisdiction and of '
'those that this is part of, and of each component that has rates on any day, for the filing '
'status of every employee with a pending record; and in the currency of the calendar.';
