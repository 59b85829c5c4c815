-- End a version of a schedule: what has not fallen due is to be made anew.
CREATE OR REPLACE FUNCTION lending.cut_schedule(p_state lending.replay_state)
RETURNS lending.replay_state
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_due integer := p_state.due_count;
    v_passed integer := greatest(v_due - p_state.first_new + 1, 0);
BEGIN
    IF v_passed > 0 THEN
        p_state.period_starts_on := p_state.due_dates[v_due];
        p_state.grace_principal := greatest(p_state.grace_principal - v_passed, 0);
        p_state.grace_interest := greatest(p_state.grace_interest - v_passed, 0);
        p_state.interest_free := greatest(p_state.interest_free - v_passed, 0);
    END IF;
    p_state.first_new := v_due + 1;
    p_state.due_dates := p_state.due_dates[:v_due];
    p_state.starts_on := p_state.starts_on[:v_due];
    p_state.days := p_state.days[:v_due];
    p_state.principal := p_state.principal[:v_due];
    p_state.interest := p_state.interest[:v_due];
    p_state.fees := p_state.fees[:v_due];
    p_state.balance := p_state.balance[:v_due];
    p_state.interest_before := p_state.interest_before[:v_due];
    p_state.principal_to_date := p_state.principal_to_date[:v_due];
    p_state.interest_to_date := p_state.interest_to_date[:v_due];
    p_state.fees_to_date := p_state.fees_to_date[:v_due];
    RETURN p_state;
END;
$$;
COMMENT ON FUNCTION lending.cut_schedule(lending.replay_state) IS
'Leaves the instalments that have fallen due by on_day, and counts down what grace is left for '
'those that lending.spread makes. Internal.';
