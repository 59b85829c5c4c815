-- What is kept goes to what is due.
CREATE OR REPLACE FUNCTION lending.use_advance(
    p_state lending.replay_state,
    p_loan lending.loans
)
RETURNS lending.replay_state
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_before lending.replay_state;
    v_move lending.movements;
BEGIN
    IF p_state.advance > 0 THEN
        v_before := p_state;
        p_state := lending.allocate(p_state, p_loan, p_state.advance);
        IF p_state.rest < p_state.advance THEN
            v_move.kind := 'advance';
            v_move.effective_on := p_state.on_day;
            v_move.cash := 0;
            v_move.principal := v_before.principal_settled - p_state.principal_settled;
            v_move.interest := v_before.interest_settled - p_state.interest_settled;
            v_move.fees := v_before.fees_settled - p_state.fees_settled;
            v_move.penalties := v_before.penalties_settled - p_state.penalties_settled;
            v_move.advance := p_state.rest - p_state.advance;
            p_state.advances := p_state.advances || v_move;
            p_state.advance := p_state.rest;
        END IF;
    END IF;
    IF p_state.disbursed = p_state.principal_settled
        AND p_state.interest_accrued = p_state.interest_settled
        AND p_state.fees_settled
            = coalesce(p_state.fees_to_date[p_state.due_count], 0) + p_state.fees_by_hand
        AND p_state.penalties_charged = p_state.penalties_settled
        -- Nor is anything to come.
        AND p_state.interest_to_date[cardinality(p_state.due_dates)] <= p_state.interest_settled
    THEN
        p_state.closed_on := coalesce(p_state.closed_on, p_state.on_day);
    ELSE
        p_state.closed_on := NULL;
    END IF;
    RETURN p_state;
END;
$$;
COMMENT ON FUNCTION lending.use_advance(lending.replay_state, lending.loans) IS
'Settles with advance what is due on on_day, which is noted in advances, and sets closed_on: the '
'day since which nothing is owed, nor will be. Internal.';
