-- All that is owed.
CREATE OR REPLACE FUNCTION lending.owed(p_state lending.replay_state)
RETURNS numeric
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN p_state.disbursed - p_state.principal_settled
        + p_state.interest_accrued - p_state.interest_settled
        + coalesce(p_state.fees_to_date[p_state.due_count], 0) + p_state.fees_by_hand
        - p_state.fees_settled
        + p_state.penalties_charged - p_state.penalties_settled;
END;
$$;
COMMENT ON FUNCTION lending.owed(lending.replay_state) IS
'Principal, accrued interest, charged fees and penalties that are not settled. Internal.';
