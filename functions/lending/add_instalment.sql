-- What is repaid before its time is an instalment of that day.
CREATE OR REPLACE FUNCTION lending.add_instalment(
    p_state lending.replay_state,
    p_principal numeric,
    p_interest numeric
)
RETURNS lending.replay_state
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_due integer := p_state.due_count;
    v_principal numeric := coalesce(p_state.principal_to_date[v_due], 0) + p_principal;
BEGIN
    p_state.due_dates := p_state.due_dates || p_state.on_day;
    p_state.starts_on := p_state.starts_on || p_state.on_day;
    p_state.days := p_state.days || 0;
    p_state.principal := p_state.principal || p_principal;
    p_state.interest := p_state.interest || p_interest;
    p_state.fees := p_state.fees || 0::numeric;
    p_state.balance := p_state.balance || p_state.disbursed - v_principal;
    p_state.interest_before := p_state.interest_before || p_interest;
    p_state.principal_to_date := p_state.principal_to_date || v_principal;
    p_state.interest_to_date := p_state.interest_to_date
        || coalesce(p_state.interest_to_date[v_due], 0) + p_interest;
    p_state.fees_to_date := p_state.fees_to_date || coalesce(p_state.fees_to_date[v_due], 0);
    p_state.due_count := v_due + 1;
    p_state.first_new := v_due + 2;
    RETURN p_state;
END;
$$;
COMMENT ON FUNCTION lending.add_instalment(lending.replay_state, numeric, numeric) IS
'Adds an instalment that is due on on_day, of principal that was not due and of interest that has '
'accrued, after lending.cut_schedule. Internal.';
