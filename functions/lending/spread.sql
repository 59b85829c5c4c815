-- The instalments to come of a new version of a schedule.
CREATE OR REPLACE FUNCTION lending.spread(
    p_state lending.replay_state,
    p_loan lending.loans,
    p_principal numeric,
    p_due_dates date[],
    p_interest_before numeric,
    p_fees_before numeric
)
RETURNS lending.replay_state
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_count integer := cardinality(p_due_dates);
    v_carrier integer;
    v_days integer[];
    v_parts bigint[];
    v_run numeric;
    v_row record;
    v_interest numeric;
    v_fees numeric;
    v_starts_on date;
    v_all_starts date[] := p_state.starts_on;
    v_principal numeric[] := p_state.principal;
    v_interest_of numeric[] := p_state.interest;
    v_fees_of numeric[] := p_state.fees;
    v_balance numeric[] := p_state.balance;
    v_before numeric[] := p_state.interest_before;
    v_principal_to_date numeric[] := p_state.principal_to_date;
    v_interest_to_date numeric[] := p_state.interest_to_date;
    v_fees_to_date numeric[] := p_state.fees_to_date;
    v_principals numeric := coalesce(p_state.principal_to_date[p_state.due_count], 0);
    v_interests numeric := coalesce(p_state.interest_to_date[p_state.due_count], 0);
    v_all_fees numeric := coalesce(p_state.fees_to_date[p_state.due_count], 0);
BEGIN
    p_state.grace_principal := least(p_state.grace_principal, v_count - 1);
    p_state.grace_interest := least(p_state.grace_interest, v_count - 1);
    p_state.interest_free := least(p_state.interest_free, v_count - 1);
    -- It pays the interest of those before it, in grace, too.
    v_carrier := p_state.grace_interest + 1;
    SELECT
        array_agg(s.days ORDER BY s.instalment_no),
        array_agg(
            CASE WHEN s.instalment_no <= p_state.interest_free THEN 0 ELSE s.year_part END
            ORDER BY s.instalment_no
        ),
        max(s.year_whole) * 100
    INTO v_days, v_parts, v_run
    FROM lending.schedule_periods(
        p_state.on_day, p_due_dates, p_loan.every, p_loan.frequency::text,
        p_loan.interest_calculation::text, p_loan.day_count::text, p_state.period_starts_on
    ) AS s;
    FOR v_row IN
        SELECT a.*
        FROM lending.amortise(
            p_principal, p_state.annual_rate_percent, v_parts, v_run, p_loan.method::text,
            p_state.grace_principal, p_state.grace_interest, p_loan.round_to,
            p_loan.minor_units::integer, p_state.rounding, true
        ) AS a
    LOOP
        v_interest := v_row.interest;
        v_starts_on := CASE
            WHEN v_row.instalment_no = 1 THEN p_state.on_day
            ELSE p_due_dates[v_row.instalment_no - 1]
        END;
        IF v_row.instalment_no = v_carrier THEN
            v_interest := v_interest + p_interest_before;
            v_starts_on := CASE
                WHEN p_interest_before > 0
                    OR least(p_state.interest_free, p_state.grace_interest) = 0
                    THEN p_state.on_day
                ELSE p_due_dates[least(p_state.interest_free, p_state.grace_interest)]
            END;
        END IF;
        v_fees := CASE WHEN v_row.instalment_no = 1 THEN p_fees_before ELSE 0 END;
        IF v_row.principal + v_interest > 0 THEN
            v_fees := v_fees + p_state.fee_flat + (
                SELECT coalesce(sum(lending.round_quotient(
                    (v_row.principal + v_interest) * f.fee_percent, 100, p_state.unit,
                    p_state.rounding
                )), 0)
                FROM unnest(p_state.fee_percents) AS f (fee_percent)
            );
        END IF;
        v_principals := v_principals + v_row.principal;
        v_interests := v_interests + v_interest;
        v_all_fees := v_all_fees + v_fees;
        v_all_starts := v_all_starts || v_starts_on;
        v_principal := v_principal || v_row.principal;
        v_interest_of := v_interest_of || v_interest;
        v_fees_of := v_fees_of || v_fees;
        v_balance := v_balance || v_row.balance;
        v_before := v_before
            || CASE WHEN v_row.instalment_no = v_carrier THEN p_interest_before ELSE 0 END;
        v_principal_to_date := v_principal_to_date || v_principals;
        v_interest_to_date := v_interest_to_date || v_interests;
        v_fees_to_date := v_fees_to_date || v_all_fees;
    END LOOP;
    p_state.due_dates := p_state.due_dates || p_due_dates;
    p_state.days := p_state.days || v_days;
    p_state.starts_on := v_all_starts;
    p_state.principal := v_principal;
    p_state.interest := v_interest_of;
    p_state.fees := v_fees_of;
    p_state.balance := v_balance;
    p_state.interest_before := v_before;
    p_state.principal_to_date := v_principal_to_date;
    p_state.interest_to_date := v_interest_to_date;
    p_state.fees_to_date := v_fees_to_date;
    RETURN p_state;
END;
$$;
COMMENT ON FUNCTION lending.spread(
    lending.replay_state, lending.loans, numeric, date[], numeric, numeric
) IS
'Adds instalments of p_principal, due on p_due_dates, with interest from on_day on, to those that '
'have fallen due, after lending.cut_schedule. p_interest_before has accrued by on_day, and is paid '
'by the first that pays interest; p_fees_before are paid by the first. Fees are those of the loan, '
'of instalments that pay something. Internal.';
