-- What the law withholds, by the slices of payroll.tax_rates.
CREATE OR REPLACE FUNCTION payroll.add_statutory(
    p_tenant_id integer,
    p_run payroll.runs,
    p_calendar payroll.calendars,
    p_base payroll.rate_base
)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_periods integer := payroll.periods_per_year(p_calendar.frequency);
BEGIN
    INSERT INTO payroll.record_items (
        tenant_id, business_id, record_id, kind, code, base, amount, shortfall, employer_amount,
        base_before, amount_before, employer_amount_before
    )
    WITH rates AS (
        SELECT t.*
        FROM payroll.tax_rates AS t
        WHERE (p_calendar.jurisdiction || '-') LIKE (t.jurisdiction || '-%')
            AND t.effective_from <= p_run.pay_date
            AND coalesce(t.effective_to, 'infinity') >= p_run.pay_date
    ),

    records AS (
        SELECT
            r.id,
            r.employee_id,
            e.filing_status,
            r.gross - CASE p_base
                WHEN 'gross' THEN 0
                -- What is withheld before, in the first pass.
                ELSE coalesce((
                    SELECT sum(i.amount)
                    FROM payroll.record_items AS i
                    WHERE i.tenant_id = r.tenant_id
                        AND i.record_id = r.id
                        AND i.kind = 'statutory'
                        AND EXISTS (
                            SELECT FROM rates AS t
                            WHERE t.component::text = i.code AND t.is_pretax
                        )
                ), 0)
            END AS base,
            -- Nobody can withhold more than there is.
            r.gross - coalesce((
                SELECT sum(i.amount)
                FROM payroll.record_items AS i
                WHERE i.tenant_id = r.tenant_id AND i.record_id = r.id AND i.kind = 'statutory'
            ), 0) AS available
        FROM payroll.payroll_records AS r
        INNER JOIN payroll.enrolments AS e
            ON e.tenant_id = r.tenant_id AND e.employee_id = r.employee_id
        WHERE r.tenant_id = p_tenant_id AND r.run_id = p_run.id AND r.status = 'pending'
    ),

    -- What of the year was withheld before. Caps hold to the cent: see the last SELECT.
    before AS (
        SELECT
            r.id,
            w.code,
            w.base,
            w.amount,
            w.employer_amount
        FROM records AS r
        CROSS JOIN LATERAL payroll.withheld_to_date(
            p_tenant_id, p_run.business_id, r.employee_id, p_run.pay_date
        ) AS w
    ),

    -- Of each slice the part of the pay that lies in it, for the slice's window.
    slices AS (
        SELECT
            r.id,
            greatest(r.base, 0) AS base,
            t.component,
            t.rate_window,
            t.rounding,
            t.employee_rate,
            t.employer_rate,
            t.fixed_amount,
            t.minimum_amount,
            -- Back from the window to the period: times 12 / 24, or 1 / 26.
            CASE t.rate_window WHEN 'month' THEN 12 ELSE 1 END AS times,
            CASE t.rate_window WHEN 'year_to_date' THEN 1 ELSE v_periods END AS divided_by,
            greatest(
                least(
                    CASE t.rate_window
                        WHEN 'month' THEN greatest(r.base, 0) * v_periods / 12
                        WHEN 'year' THEN greatest(r.base, 0) * v_periods
                        ELSE coalesce(b.base, 0) + greatest(r.base, 0)
                    END,
                    t.to_amount
                ) - t.from_amount,
                0
            ) AS part
        FROM records AS r
        INNER JOIN rates AS t ON t.base = p_base AND t.filing_status IN ('any', r.filing_status)
        LEFT JOIN before AS b ON b.id = r.id AND b.code = t.component::text
    ),

    due AS (
        SELECT
            s.id,
            s.component,
            s.rate_window,
            s.base,
            max(s.rounding) AS rounding,
            CASE WHEN s.base = 0 AND s.rate_window <> 'year_to_date' THEN 0 ELSE greatest(
                sum((s.part * s.employee_rate + s.fixed_amount) * s.times / s.divided_by),
                max(s.minimum_amount * s.times / s.divided_by),
                0
            ) END AS employee_due,
            sum(s.part * s.employer_rate * s.times / s.divided_by) AS employer_due
        FROM slices AS s
        GROUP BY s.id, s.component, s.rate_window, s.base
    ),

    rounded AS (
        SELECT
            d.id,
            d.component,
            d.base,
            -- Of the year to date is due what was not withheld before.
            greatest(round(d.employee_due / d.rounding) * d.rounding - w.amount, 0) AS amount,
            greatest(
                round(d.employer_due / d.rounding) * d.rounding - w.employer_amount, 0
            ) AS employer_amount,
            coalesce(b.base, 0) AS base_before,
            coalesce(b.amount, 0) AS amount_before,
            coalesce(b.employer_amount, 0) AS employer_amount_before
        FROM due AS d
        LEFT JOIN before AS b ON b.id = d.id AND b.code = d.component::text
        CROSS JOIN LATERAL (
            SELECT
                CASE d.rate_window WHEN 'year_to_date' THEN coalesce(b.amount, 0) ELSE 0 END
                    AS amount,
                CASE d.rate_window WHEN 'year_to_date' THEN coalesce(b.employer_amount, 0) ELSE 0
                    END AS employer_amount
        ) AS w
    )

    SELECT
        p_tenant_id,
        p_run.business_id,
        o.id,
        'statutory',
        o.component::text,
        o.base,
        c.amount,
        o.amount - c.amount,
        o.employer_amount,
        o.base_before,
        o.amount_before,
        o.employer_amount_before
    FROM rounded AS o
    INNER JOIN records AS r ON r.id = o.id
    CROSS JOIN LATERAL (
        SELECT greatest(least(o.amount, r.available - coalesce(sum(e.amount), 0)), 0) AS amount
        FROM rounded AS e
        WHERE e.id = o.id AND e.component < o.component
    ) AS c;
END;
$$;
COMMENT ON FUNCTION payroll.add_statutory(
    integer, payroll.runs, payroll.calendars, payroll.rate_base
) IS
'Adds to the pending records of a run what the rates in force on its pay date withhold from one '
'base, and what the employer owes. Each component is rounded half up once; of a window '
'year_to_date what is due of the year so far less what was withheld, payroll.opening_balances '
'included. taxable comes after gross, whose pretax items it leaves out. Where the pay is too '
'little, components get what there is in the order of payroll.component, and the rest is a '
'shortfall. Internal.';
