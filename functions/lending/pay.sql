-- What a payment does to a loan.
CREATE OR REPLACE FUNCTION lending.pay(
    p_state lending.replay_state,
    p_loan lending.loans,
    p_payment lending.transactions
)
RETURNS lending.replay_state
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_due integer := p_state.due_count;
    v_dates date[] := p_state.due_dates[v_due + 1:];
    -- What is not due yet, of interest what has accrued.
    v_principal numeric := p_state.disbursed - coalesce(p_state.principal_to_date[v_due], 0);
    v_interest numeric
        := p_state.interest_accrued - coalesce(p_state.interest_to_date[v_due], 0);
    v_rest numeric;
    v_repaid numeric;
BEGIN
    IF p_payment.amount + p_state.advance >= lending.owed(p_state) THEN
        -- It may be less than the schedule has: interest that has not accrued is not owed.
        IF v_principal > 0
            OR p_state.interest_to_date[cardinality(p_state.due_dates)]
            > coalesce(p_state.interest_to_date[v_due], 0)
        THEN
            p_state := lending.cut_schedule(p_state);
            IF v_principal + v_interest > 0 THEN
                p_state := lending.add_instalment(p_state, v_principal, v_interest);
            END IF;
            p_state.reason := 'settlement';
        END IF;
        p_state := lending.use_advance(p_state, p_loan);
        p_state := lending.allocate(p_state, p_loan, p_payment.amount);
        p_state.advance := p_state.advance + p_state.rest;
        RETURN p_state;
    END IF;
    p_state := lending.allocate(p_state, p_loan, p_payment.amount);
    v_rest := p_state.rest;
    v_repaid := v_rest + p_state.advance - v_interest;
    IF v_rest > 0 AND p_payment.prepayment <> 'advance' AND v_repaid > 0 AND v_principal > 0 THEN
        IF p_payment.prepayment = 'reduce_term' THEN
            v_dates := lending.shorten(p_state, p_loan, v_principal - v_repaid, v_dates);
            p_state.last_step := p_state.last_step
                - (cardinality(p_state.due_dates) - v_due - cardinality(v_dates));
        END IF;
        p_state := lending.cut_schedule(p_state);
        p_state := lending.add_instalment(p_state, v_repaid, v_interest);
        p_state := lending.spread(p_state, p_loan, v_principal - v_repaid, v_dates, 0, 0);
        p_state.reason := 'prepayment';
        p_state := lending.use_advance(p_state, p_loan);
        p_state := lending.allocate(p_state, p_loan, v_rest);
    END IF;
    p_state.advance := p_state.advance + p_state.rest;
    RETURN p_state;
END;
$$;
COMMENT ON FUNCTION lending.pay(lending.replay_state, lending.loans, lending.transactions) IS
'Carries out a payment on on_day: where it and what is kept cover all that is owed, that is '
'settled; otherwise it goes to what is due, and what is left over is kept, or repays what has '
'accrued and then principal, as the payment says. Where that would repay no principal it is kept. '
'Internal.';
