-- Of what has fallen due keep what was settled.
CREATE OR REPLACE FUNCTION lending.keep_settled(p_state lending.replay_state)
RETURNS lending.replay_state
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_principal numeric := 0;
    v_interest numeric := 0;
    v_fees numeric := 0;
BEGIN
    FOR v_no IN 1..p_state.due_count LOOP
        p_state.principal_to_date[v_no]
            := least(p_state.principal_to_date[v_no], p_state.principal_settled);
        p_state.interest_to_date[v_no]
            := least(p_state.interest_to_date[v_no], p_state.interest_settled);
        p_state.fees_to_date[v_no] := least(p_state.fees_to_date[v_no], p_state.fees_settled);
        p_state.principal[v_no] := p_state.principal_to_date[v_no] - v_principal;
        p_state.interest[v_no] := p_state.interest_to_date[v_no] - v_interest;
        p_state.fees[v_no] := p_state.fees_to_date[v_no] - v_fees;
        p_state.interest_before[v_no]
            := least(p_state.interest_before[v_no], p_state.interest[v_no]);
        p_state.balance[v_no] := p_state.disbursed - p_state.principal_to_date[v_no];
        v_principal := p_state.principal_to_date[v_no];
        v_interest := p_state.interest_to_date[v_no];
        v_fees := p_state.fees_to_date[v_no];
    END LOOP;
    RETURN p_state;
END;
$$;
COMMENT ON FUNCTION lending.keep_settled(lending.replay_state) IS
'Cuts the instalments that have fallen due down to what was settled of them, since the rest is '
'spread anew. Internal.';
