-- The instalments of a loan, as they are planned before it is paid out.
CREATE OR REPLACE FUNCTION lending.planned_instalments(p_loan lending.loans)
RETURNS lending.instalments[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_before lending.replay_state := lending.begin_replay(p_loan);
    v_after lending.replay_state;
    v_whole lending.transactions;
    v_planned lending.replayed;
BEGIN
    v_whole.kind := 'disbursement';
    v_whole.effective_on := p_loan.expected_disbursement_on;
    v_whole.amount := p_loan.principal;
    v_whole.fees_withheld := 0;
    v_before.on_day := p_loan.expected_disbursement_on;
    v_after := lending.change_terms(v_before, p_loan, v_whole);
    v_planned.movements := '{}';
    v_planned.schedules := '{}';
    v_planned.instalments := '{}';
    v_planned := lending.note_transaction(v_planned, v_before, v_after, v_whole);
    RETURN v_planned.instalments;
END;
$$;
COMMENT ON FUNCTION lending.planned_instalments(lending.loans) IS
'The instalments that a loan has when all of it is paid out on the expected day: by what '
'lending.replay does then. They are of no schedule yet (schedule_id is NULL). Internal.';
