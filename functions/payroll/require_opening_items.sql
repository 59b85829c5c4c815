-- Figures of a year that fit together, and that the year's caps can be counted from.
CREATE OR REPLACE FUNCTION payroll.require_opening_items(
    p_tenant_id integer,
    p_employee_id uuid,
    p_year integer,
    p_gross numeric,
    p_taxable numeric,
    p_items jsonb
)
RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_jurisdiction text;
    v_sums record;
    v_missing text;
BEGIN
    SELECT c.jurisdiction INTO v_jurisdiction
    FROM payroll.enrolments AS e
    INNER JOIN payroll.calendars AS c
        ON c.tenant_id = e.tenant_id AND c.id = e.calendar_id
    WHERE e.tenant_id = p_tenant_id AND e.employee_id = p_employee_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the employee is paid by no calendar'
        USING ERRCODE = 'ZY001',
            HINT = 'Enrol the employee first, with payroll.enrol_employee.';
    END IF;
    SELECT
        coalesce(sum(i.amount), 0) AS amount,
        coalesce(max(i.base), 0) AS base,
        count(*) - count(DISTINCT i.component) AS doubles,
        coalesce(bool_or(
            (i.base, i.amount, i.employer_amount)
            <> (round(i.base, 4), round(i.amount, 4), round(i.employer_amount, 4))
        ), false) AS has_fractions
    INTO v_sums
    FROM payroll.read_opening_items(p_items) AS i;
    IF v_sums.has_fractions OR p_gross <> round(p_gross, 4) OR p_taxable <> round(p_taxable, 4) THEN
        RAISE EXCEPTION 'an amount has more than 4 decimals'
        USING ERRCODE = 'numeric_value_out_of_range',
            HINT = 'Round it.';
    ELSIF v_sums.doubles > 0 THEN
        RAISE EXCEPTION 'a component is given twice'
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Add them up.';
    ELSIF v_sums.base > p_gross OR v_sums.amount > p_gross THEN
        RAISE EXCEPTION 'more was withheld, or withheld of, than was earned'
        USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format(
                'Gross %s, largest base %s, withheld %s.', p_gross, v_sums.base, v_sums.amount
            ),
            HINT = 'See the last payslip of whoever paid before.';
    END IF;
    -- Left out, it would count as nothing withheld, and the cap would be too far away.
    SELECT string_agg(DISTINCT t.component::text, ', ') INTO v_missing
    FROM payroll.tax_rates AS t
    WHERE (v_jurisdiction || '-') LIKE (t.jurisdiction || '-%')
        AND t.rate_window = 'year_to_date'
        AND date_part('year', t.effective_from::timestamp) <= p_year
        AND coalesce(date_part('year', t.effective_to::timestamp), p_year) >= p_year
        AND t.component NOT IN (
            SELECT i.component FROM payroll.read_opening_items(p_items) AS i
        );
    IF v_missing IS NOT NULL THEN
        RAISE EXCEPTION 'what counts over the year is missing: %', v_missing
        USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('The employee is paid by the rates of %s.', v_jurisdiction),
            HINT = 'Give base and amount of each; zeros if nothing was withheld.';
    END IF;
END;
$$;
COMMENT ON FUNCTION payroll.require_opening_items(
    integer, uuid, integer, numeric, numeric, jsonb
) IS
'Internal. Raises ZY001 (no calendar pays the employee), 22003 (more than 4 decimals), 22023 '
'(items malformed or twice, more than was earned, or one missing that counts over the year), 22P02 '
'(no such component).';
