-- What is true of a loan, derived from what happened to it.
CREATE OR REPLACE FUNCTION lending.replay(
    p_loan lending.loans,
    p_through date,
    p_charged_through date DEFAULT NULL
)
RETURNS lending.replayed
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_state lending.replay_state := lending.begin_replay(p_loan);
    v_before lending.replay_state;
    v_charged lending.replay_state;
    v_transaction lending.transactions;
    v_stop date := p_charged_through;
    v_replayed lending.replayed;
BEGIN
    -- Nobody's loan has no transactions.
    IF p_loan.id IS NULL THEN
        RETURN NULL;
    END IF;
    FOR v_transaction IN
        SELECT t.*
        FROM lending.transactions AS t
        WHERE t.tenant_id = p_loan.tenant_id
            AND t.business_id = p_loan.business_id
            AND t.loan_id = p_loan.id
            AND t.effective_on <= p_through
            AND NOT EXISTS (
                SELECT FROM lending.reversals AS r
                WHERE r.tenant_id = t.tenant_id AND r.transaction_id = t.id
            )
        ORDER BY t.effective_on, t.place
    LOOP
        IF v_state.on_day IS NULL THEN
            v_state.on_day := v_transaction.effective_on;
            v_replayed.disbursed_on := v_transaction.effective_on;
            v_charged := v_state;
            v_stop := greatest(v_stop, v_transaction.effective_on);
        END IF;
        WHILE v_stop < v_transaction.effective_on LOOP
            v_state := lending.pass_days(v_state, p_loan, v_stop);
            v_replayed := lending.note_charges(v_replayed, v_state, v_charged);
            v_charged := v_state;
            v_stop := lending.next_stop(v_stop, p_through);
        END LOOP;
        v_state := lending.pass_days(v_state, p_loan, v_transaction.effective_on);
        v_before := v_state;
        v_state := lending.apply_transaction(v_state, p_loan, v_transaction);
        v_replayed := lending.note_transaction(v_replayed, v_before, v_state, v_transaction);
        v_replayed.movements := v_replayed.movements || v_state.advances;
        v_state.advances := NULL;
        v_state.reason := NULL;
    END LOOP;
    IF v_state.on_day IS NULL THEN
        RETURN NULL;
    END IF;
    LOOP
        v_state := lending.pass_days(v_state, p_loan, v_stop);
        v_replayed := lending.note_charges(v_replayed, v_state, v_charged);
        EXIT WHEN v_stop = p_through;
        v_charged := v_state;
        v_stop := lending.next_stop(v_stop, p_through);
    END LOOP;
    v_replayed.movements := v_replayed.movements || v_state.advances;
    RETURN lending.conclude(v_replayed, v_state, p_loan);
END;
$$;
COMMENT ON FUNCTION lending.replay(lending.loans, date, date) IS
'How a loan stands at the end of p_through by its transactions that are not reversed, and how it '
'came to: movements, versions of the schedule, balances (without allowance), status. Reads nothing '
'that is derived, so that the same transactions give the same. Charges through p_charged_through '
'(NULL: the first day) are one movement, later ones one for each calendar month. NULL: by then it '
'was not paid out. Internal. Raises ZO013, ZO014 (transactions that cannot follow each other).';
