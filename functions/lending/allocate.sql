-- What a payment goes to.
CREATE OR REPLACE FUNCTION lending.allocate(
    p_state lending.replay_state,
    p_loan lending.loans,
    p_amount numeric
)
RETURNS lending.replay_state
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_first integer := p_state.due_count;
    v_kind lending.due_kind;
    v_part numeric;
BEGIN
    p_state.rest := p_amount;
    IF p_loan.allocate_by = 'instalment' THEN
        -- Cumulative sums: where one is settled, so are all before it.
        WHILE v_first > 1 AND (
            p_state.principal_to_date[v_first - 1] > p_state.principal_settled
            OR p_state.interest_to_date[v_first - 1] > p_state.interest_settled
            OR p_state.fees_to_date[v_first - 1] > p_state.fees_settled
        ) LOOP
            v_first := v_first - 1;
        END LOOP;
    END IF;
    -- Without any that is due there are penalties and fees by hand, in one step.
    FOR v_no IN v_first..p_state.due_count LOOP
        FOREACH v_kind IN ARRAY p_loan.allocation_order LOOP
            EXIT WHEN p_state.rest = 0;
            v_part := greatest(least(p_state.rest, CASE v_kind
                WHEN 'penalty' THEN p_state.penalties_charged - p_state.penalties_settled
                WHEN 'fee' THEN coalesce(p_state.fees_to_date[v_no], 0) + p_state.fees_by_hand
                    - p_state.fees_settled
                WHEN 'interest'
                    THEN coalesce(p_state.interest_to_date[v_no], 0) - p_state.interest_settled
                ELSE coalesce(p_state.principal_to_date[v_no], 0) - p_state.principal_settled
            END), 0);
            IF v_part > 0 THEN
                IF v_kind = 'penalty' THEN
                    p_state.penalties_settled := p_state.penalties_settled + v_part;
                ELSIF v_kind = 'fee' THEN
                    p_state.fees_settled := p_state.fees_settled + v_part;
                ELSIF v_kind = 'interest' THEN
                    p_state.interest_settled := p_state.interest_settled + v_part;
                ELSE
                    p_state.principal_settled := p_state.principal_settled + v_part;
                END IF;
                p_state.rest := p_state.rest - v_part;
            END IF;
        END LOOP;
    END LOOP;
    RETURN p_state;
END;
$$;
COMMENT ON FUNCTION lending.allocate(lending.replay_state, lending.loans, numeric) IS
'Settles with p_amount what is due on on_day, in the order of the loan: by kind, or instalment by '
'instalment, of which the first takes penalties and fees by hand too. rest: what is left over. '
'Internal.';
