-- The schedule that a loan of these terms would have.
CREATE OR REPLACE FUNCTION lending.preview_payment_schedule(
    p_principal numeric,
    p_annual_rate_percent numeric,
    p_instalments integer,
    p_disbursed_on date,
    p_first_due_on date DEFAULT NULL,
    p_every integer DEFAULT 1,
    p_frequency text DEFAULT 'month',
    p_method text DEFAULT 'declining_equal_instalments',
    p_interest_calculation text DEFAULT 'period',
    p_day_count text DEFAULT '30/360',
    p_grace_principal integer DEFAULT 0,
    p_grace_interest integer DEFAULT 0,
    p_interest_free integer DEFAULT 0,
    p_round_to numeric DEFAULT NULL,
    p_scale integer DEFAULT 2,
    p_rounding text DEFAULT 'half_even'
)
RETURNS TABLE (
    instalment_no integer,
    due_date date,
    days integer,
    principal numeric,
    interest numeric,
    amount numeric,
    balance numeric
)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_minor numeric;
    v_unit numeric;
    v_due_dates date[];
    v_days integer[];
    -- The rate of a period is the annual one times its part, over v_run: nothing is cut off.
    v_parts integer[];
    v_run numeric;
    v_bearing numeric := p_principal * p_annual_rate_percent;
    v_annuity numeric := 0;
    v_level numeric;
    v_flat_left numeric;
    v_accrued numeric;
    v_carried numeric := 0;
    v_payable numeric;
    v_wanted numeric;
BEGIN
    PERFORM lending.require_schedule_terms(
        p_principal, p_annual_rate_percent, p_instalments, p_disbursed_on, p_first_due_on, p_every,
        p_frequency, p_method, p_interest_calculation, p_day_count, p_grace_principal,
        p_grace_interest, p_interest_free, p_round_to, p_scale, p_rounding
    );
    v_minor := ('1e-' || p_scale)::numeric;
    v_unit := coalesce(p_round_to, v_minor);
    SELECT
        array_agg(s.due_date ORDER BY s.instalment_no),
        array_agg(s.days ORDER BY s.instalment_no),
        array_agg(
            CASE
                WHEN s.instalment_no <= p_interest_free THEN 0
                ELSE s.year_part
            END
            ORDER BY s.instalment_no
        ),
        max(s.year_whole) * 100
    INTO v_due_dates, v_days, v_parts, v_run
    FROM lending.schedule_periods(
        p_instalments, p_disbursed_on, p_first_due_on, p_every, p_frequency,
        p_interest_calculation, p_day_count
    ) AS s;
    IF v_due_dates[p_instalments] > '9999-12-31' THEN
        RAISE EXCEPTION 'the last instalment would be due after 9999-12-31'
        USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('It would be due on %s.', v_due_dates[p_instalments]),
            HINT = 'Have fewer instalments, or a shorter time between them.';
    END IF;
    IF p_method = 'declining_equal_instalments' THEN
        -- The annuity factor from its end: 1/(1+r1) + 1/(1+r1)(1+r2) + …
        FOR v_no IN REVERSE p_instalments..p_grace_principal + 1 LOOP
            v_annuity := ((1 + v_annuity) * v_run)::numeric(100, 40)
                / (v_run + p_annual_rate_percent * v_parts[v_no]);
        END LOOP;
        -- Twenty decimals have every true half in them, and none of the error.
        v_wanted := round(p_principal::numeric(100, 40) / v_annuity, 20);
        v_level := lending.round_quotient(v_wanted, 1, v_unit, p_rounding);
    ELSE
        v_wanted := round(
            p_principal::numeric(100, 40) / (p_instalments - p_grace_principal)
            + v_bearing::numeric(100, 40) * v_parts[p_grace_principal + 1] / v_run, 20
        );
        v_level := lending.round_quotient(
            p_principal, p_instalments - p_grace_principal, v_minor, p_rounding
        );
    END IF;
    IF p_round_to > v_minor AND p_grace_principal + 1 < p_instalments THEN
        IF lending.round_quotient(v_wanted, 1, v_unit, p_rounding) = 0 THEN
            RAISE EXCEPTION 'instalments of these terms would be rounded to nothing'
            USING ERRCODE = 'invalid_parameter_value',
                DETAIL = format(
                    'An instalment is %s before it is rounded to a multiple of %s.',
                    round(v_wanted, p_scale), p_round_to
                ),
                HINT = 'Round to a smaller multiple, or have fewer instalments.';
        ELSIF p_method = 'declining_equal_instalments' THEN
            -- More than the interest of the first that pays principal: nothing would be paid back.
            v_level := greatest(
                v_level,
                v_unit * (
                    div(v_bearing * v_parts[p_grace_principal + 1], v_run * v_unit) + 1
                )
            );
        END IF;
    END IF;
    v_flat_left := lending.round_quotient(
        v_bearing * (SELECT sum(r.part) FROM unnest(v_parts) AS r (part)), v_run, v_minor,
        p_rounding
    );
    balance := round(p_principal, p_scale);
    FOR v_no IN 1..p_instalments LOOP
        IF p_method <> 'flat' THEN
            v_accrued := lending.round_quotient(
                balance * p_annual_rate_percent * v_parts[v_no], v_run, v_minor, p_rounding
            );
        ELSIF v_no = p_instalments THEN
            v_accrued := v_flat_left;
        ELSE
            v_accrued := least(
                lending.round_quotient(v_bearing * v_parts[v_no], v_run, v_minor, p_rounding),
                v_flat_left
            );
            v_flat_left := v_flat_left - v_accrued;
        END IF;
        v_carried := v_carried + v_accrued;
        IF v_no = p_instalments THEN
            interest := v_carried;
            amount := balance + interest;
        ELSE
            v_payable := CASE WHEN v_no <= p_grace_interest THEN 0 ELSE v_carried END;
            v_wanted := CASE
                WHEN v_no <= p_grace_principal THEN 0
                WHEN p_method = 'declining_equal_instalments'
                    THEN least(greatest(v_level - v_accrued, 0), balance)
                ELSE least(v_level, balance)
            END;
            amount := lending.round_quotient(v_wanted + v_payable, 1, v_unit, p_rounding);
            IF v_wanted > 0 AND amount <= v_payable THEN
                amount := v_unit * (div(v_payable, v_unit) + 1);
            END IF;
            -- Never more than is owed, in grace of principal never more than the interest.
            amount := least(amount, v_unit * div(
                v_payable + CASE WHEN v_no <= p_grace_principal THEN 0 ELSE balance END, v_unit
            ));
            interest := least(v_payable, amount);
        END IF;
        instalment_no := v_no;
        due_date := v_due_dates[v_no];
        days := v_days[v_no];
        amount := round(amount, p_scale);
        interest := round(interest, p_scale);
        principal := amount - interest;
        v_carried := v_carried - interest;
        balance := balance - principal;
        RETURN NEXT;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION lending.preview_payment_schedule(
    numeric, numeric, integer, date, date, integer, text, text, text, text, integer, integer,
    integer, numeric, integer, text
) IS
'The instalments of a loan, without a loan, a token or a table: what is due when, and what is owed '
'after it. p_first_due_on: NULL is one interval after disbursement; months keep its day (31 '
'January, 28 February, 31 March). p_every and p_frequency (day, week, month): the interval. '
'p_method: flat, declining_equal_instalments, declining_equal_principal. p_interest_calculation: '
'period (each, the first too, bears p_every twelfths, fifty-seconds or 365ths of the annual rate) '
'or daily (by p_day_count: 30/360, actual/360, actual/365, actual/actual). The first '
'p_grace_principal instalments pay no principal; the interest of the first p_grace_interest is '
'paid by the next one; the first p_interest_free periods bear none. p_round_to: what each total '
'but the last is a multiple of (up, where else it would pay no principal); p_scale: decimals of '
'the currency; p_rounding: half_even, half_up. days are counted as interest is. Principal sums to '
'p_principal, balance ends at 0, the last instalment takes the residue, nothing is negative. '
'Raises 22023, whose hint says what would do.';
