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
    v_due_dates date[];
    v_days integer[];
    -- The rate of a period is the annual one times its part, over v_run: nothing is cut off.
    v_parts bigint[];
    v_run numeric;
BEGIN
    PERFORM lending.require_schedule_terms(
        p_principal, p_annual_rate_percent, p_instalments, p_disbursed_on, p_first_due_on, p_every,
        p_frequency, p_method, p_interest_calculation, p_day_count, p_grace_principal,
        p_grace_interest, p_interest_free, p_round_to, p_scale, p_rounding
    );
    v_due_dates := CASE
        WHEN p_first_due_on IS NULL
            THEN lending.due_dates(p_disbursed_on, p_every, p_frequency, 1, p_instalments)
        ELSE lending.due_dates(p_first_due_on, p_every, p_frequency, 0, p_instalments - 1)
    END;
    IF v_due_dates[p_instalments] > '9999-12-31' THEN
        RAISE EXCEPTION 'the last instalment would be due after 9999-12-31'
        USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('It would be due on %s.', v_due_dates[p_instalments]),
            HINT = 'Have fewer instalments, or a shorter time between them.';
    END IF;
    SELECT
        array_agg(s.days ORDER BY s.instalment_no),
        array_agg(
            CASE
                WHEN s.instalment_no <= p_interest_free THEN 0
                ELSE s.year_part
            END
            ORDER BY s.instalment_no
        ),
        max(s.year_whole) * 100
    INTO v_days, v_parts, v_run
    FROM lending.schedule_periods(
        p_disbursed_on, v_due_dates, p_every, p_frequency, p_interest_calculation, p_day_count
    ) AS s;
    RETURN QUERY
    SELECT
        s.instalment_no,
        v_due_dates[s.instalment_no],
        v_days[s.instalment_no],
        s.principal,
        s.interest,
        s.amount,
        s.balance
    FROM lending.amortise(
        p_principal, p_annual_rate_percent, v_parts, v_run, p_method, p_grace_principal,
        p_grace_interest, p_round_to, p_scale, p_rounding
    ) AS s;
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
