-- What a disbursement or a change of terms does to a schedule.
CREATE OR REPLACE FUNCTION lending.change_terms(
    p_state lending.replay_state,
    p_loan lending.loans,
    p_change lending.transactions
)
RETURNS lending.replay_state
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_due integer := p_state.due_count;
    v_dates date[] := p_state.due_dates[v_due + 1:];
    v_principal numeric := p_state.disbursed - coalesce(p_state.principal_to_date[v_due], 0);
    v_interest numeric
        := p_state.interest_accrued - coalesce(p_state.interest_to_date[v_due], 0);
    v_fees numeric := 0;
    v_first_due_on date := p_change.first_due_on;
    v_count integer := p_change.instalments;
BEGIN
    IF p_change.kind = 'disbursement' THEN
        p_state.disbursed := p_state.disbursed + p_change.amount;
        v_principal := v_principal + p_change.amount;
        v_count := p_loan.instalments;
        v_first_due_on := CASE WHEN p_state.due_dates = '{}' THEN p_loan.first_due_on END;
    ELSIF p_change.kind = 'reschedule' THEN
        v_principal := p_state.disbursed - p_state.principal_settled;
    END IF;
    p_state.annual_rate_percent := coalesce(
        p_change.annual_rate_percent, p_state.annual_rate_percent
    );
    IF v_principal = 0 THEN
        RETURN p_state;
    END IF;
    IF p_change.kind = 'reschedule' THEN
        v_interest := p_state.interest_accrued - p_state.interest_settled;
        v_fees := coalesce(p_state.fees_to_date[v_due], 0)
            - least(coalesce(p_state.fees_to_date[v_due], 0), p_state.fees_settled);
        p_state := lending.keep_settled(p_state);
        p_state.restructured_on := p_state.on_day;
    END IF;
    IF p_change.kind = 'reschedule' OR v_dates = '{}' THEN
        p_state.anchor := coalesce(v_first_due_on, p_state.on_day);
        p_state.last_step := CASE WHEN v_first_due_on IS NULL THEN v_count ELSE v_count - 1 END;
        v_dates := lending.due_dates(
            p_state.anchor, p_loan.every, p_loan.frequency::text,
            p_state.last_step - v_count + 1, p_state.last_step
        );
        p_state := lending.cut_schedule(p_state);
        p_state.period_starts_on := p_state.on_day;
        IF v_due > 0 OR p_change.kind = 'reschedule' THEN
            p_state.grace_principal := 0;
            p_state.grace_interest := 0;
            p_state.interest_free := 0;
        END IF;
    ELSE
        IF p_change.kind = 'extension' THEN
            v_dates := v_dates || lending.due_dates(
                p_state.anchor, p_loan.every, p_loan.frequency::text,
                p_state.last_step + 1, p_state.last_step + v_count
            );
            p_state.last_step := p_state.last_step + v_count;
        END IF;
        p_state := lending.cut_schedule(p_state);
    END IF;
    p_state := lending.spread(p_state, p_loan, v_principal, v_dates, v_interest, v_fees);
    p_state.reason := p_change.kind::text::lending.schedule_reason;
    RETURN p_state;
END;
$$;
COMMENT ON FUNCTION lending.change_terms(
    lending.replay_state, lending.loans, lending.transactions
) IS
'Carries out a disbursement, reschedule, rate change or extension on on_day: what has fallen due '
'stays, and what has not is made anew, with the due dates that there were; of a reschedule all '
'that is owed, with dates of its own. Without principal to spread there is no new version. '
'Internal.';
