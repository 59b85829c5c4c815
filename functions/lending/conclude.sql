-- How a loan stands at the end.
CREATE OR REPLACE FUNCTION lending.conclude(
    p_replayed lending.replayed,
    p_state lending.replay_state,
    p_loan lending.loans
)
RETURNS lending.replayed
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_balances lending.loan_balances;
    v_due integer := p_state.due_count;
    v_no integer;
BEGIN
    v_balances.tenant_id := p_state.tenant_id;
    v_balances.loan_id := p_state.loan_id;
    v_balances.business_id := p_state.business_id;
    v_balances.schedule_id := p_replayed.schedules[cardinality(p_replayed.schedules)].id;
    v_balances.processed_through := p_state.on_day;
    v_balances.disbursed := p_state.disbursed;
    v_balances.principal_settled := p_state.principal_settled;
    v_balances.interest_accrued := p_state.interest_accrued;
    v_balances.interest_settled := p_state.interest_settled;
    v_balances.fees_scheduled := coalesce(p_state.fees_to_date[v_due], 0);
    v_balances.fees_charged := v_balances.fees_scheduled + p_state.fees_by_hand;
    v_balances.fees_settled := p_state.fees_settled;
    v_balances.penalty_days := p_state.penalty_days;
    v_balances.penalties_charged := p_state.penalties_charged;
    v_balances.penalties_settled := p_state.penalties_settled;
    v_balances.advance := p_state.advance;
    v_balances.principal := p_state.disbursed - p_state.principal_settled;
    v_balances.interest := p_state.interest_accrued - p_state.interest_settled;
    v_balances.fees := v_balances.fees_charged - p_state.fees_settled;
    v_balances.penalties := p_state.penalties_charged - p_state.penalties_settled;
    v_balances.overdue := 0;
    v_balances.days_past_due := 0;
    IF p_state.written_off_on IS NULL THEN
        -- Cumulative sums: the first that is not settled has settled ones before it.
        FOR v_no IN 1..cardinality(p_state.due_dates) LOOP
            IF p_state.principal_to_date[v_no] > p_state.principal_settled
                OR p_state.interest_to_date[v_no] > p_state.interest_settled
                OR p_state.fees_to_date[v_no] > p_state.fees_settled
            THEN
                v_balances.oldest_unpaid_due_on := p_state.due_dates[v_no];
                EXIT;
            END IF;
        END LOOP;
        v_balances.days_past_due
            := greatest(p_state.on_day - v_balances.oldest_unpaid_due_on, 0);
        v_no := v_due;
        WHILE p_state.due_dates[v_no] = p_state.on_day LOOP
            v_no := v_no - 1;
        END LOOP;
        v_balances.overdue := v_balances.penalties
            + greatest(
                coalesce(p_state.principal_to_date[v_no], 0) - p_state.principal_settled, 0
            )
            + greatest(coalesce(p_state.interest_to_date[v_no], 0) - p_state.interest_settled, 0)
            + greatest(coalesce(p_state.fees_to_date[v_no], 0) - p_state.fees_settled, 0);
    END IF;
    p_replayed.balances := v_balances;
    p_replayed.restructured_on := p_state.restructured_on;
    p_replayed.written_off_on := p_state.written_off_on;
    IF p_state.written_off_on IS NOT NULL THEN
        p_replayed.status := 'written_off';
    ELSIF p_state.closed_on IS NOT NULL THEN
        p_replayed.closed_on := p_state.closed_on;
        p_replayed.status := (
            CASE WHEN p_state.advance > 0 THEN 'overpaid' ELSE 'closed' END
        )::lending.loan_status;
    ELSE
        p_replayed.defaulted_on := CASE WHEN v_balances.overdue > 0 THEN p_loan.defaulted_on END;
        p_replayed.status := CASE
            WHEN p_replayed.defaulted_on IS NOT NULL THEN 'defaulted'
            WHEN p_state.restructured_on IS NOT NULL THEN 'restructured'
            ELSE 'active'
        END::lending.loan_status;
    END IF;
    RETURN p_replayed;
END;
$$;
COMMENT ON FUNCTION lending.conclude(
    lending.replayed, lending.replay_state, lending.loans
) IS
'Adds balances, status and dates to what lending.replay has noted. Of what else is known of the '
'loan it goes by defaulted_on alone, which ends when nothing is overdue. Internal.';
