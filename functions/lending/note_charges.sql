-- What was charged since it was last noted.
CREATE OR REPLACE FUNCTION lending.note_charges(
    p_replayed lending.replayed,
    p_state lending.replay_state,
    p_noted lending.replay_state
)
RETURNS lending.replayed
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_move lending.movements;
BEGIN
    v_move.kind := 'charge';
    v_move.effective_on := p_state.on_day;
    v_move.cash := 0;
    v_move.principal := 0;
    v_move.interest := p_state.interest_accrued - p_noted.interest_accrued;
    v_move.fees := coalesce(p_state.fees_to_date[p_state.due_count], 0) + p_state.fees_by_hand
        - coalesce(p_noted.fees_to_date[p_noted.due_count], 0) - p_noted.fees_by_hand;
    v_move.penalties := p_state.penalties_charged - p_noted.penalties_charged;
    v_move.advance := 0;
    IF (v_move.interest, v_move.fees, v_move.penalties) <> (0, 0, 0) THEN
        p_replayed.movements := p_replayed.movements || v_move;
    END IF;
    RETURN p_replayed;
END;
$$;
COMMENT ON FUNCTION lending.note_charges(
    lending.replayed, lending.replay_state, lending.replay_state
) IS
'Adds the movement of kind charge that makes of p_noted what p_state has, if there is any. '
'Internal.';
