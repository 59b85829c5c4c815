-- What a transaction did: a movement, a version of the schedule.
CREATE OR REPLACE FUNCTION lending.note_transaction(
    p_replayed lending.replayed,
    p_before lending.replay_state,
    p_after lending.replay_state,
    p_transaction lending.transactions
)
RETURNS lending.replayed
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_move lending.movements;
    v_advance lending.movements;
    v_schedule lending.schedules;
BEGIN
    IF p_transaction.kind IN (
        'disbursement', 'payment', 'waiver', 'write_off', 'recovery', 'refund'
    ) THEN
        v_move.kind := p_transaction.kind::text::lending.movement_kind;
        v_move.transaction_id := p_transaction.id;
        v_move.effective_on := p_transaction.effective_on;
        v_move.cash := CASE p_transaction.kind
            WHEN 'disbursement' THEN p_transaction.fees_withheld - p_transaction.amount
            WHEN 'refund' THEN -p_transaction.amount
            WHEN 'payment' THEN p_transaction.amount
            WHEN 'recovery' THEN p_transaction.amount
            ELSE 0
        END;
        v_move.principal := p_after.disbursed - p_before.disbursed
            + p_before.principal_settled - p_after.principal_settled;
        v_move.interest := p_before.interest_settled - p_after.interest_settled;
        v_move.fees := p_before.fees_settled - p_after.fees_settled;
        v_move.penalties := p_before.penalties_settled - p_after.penalties_settled;
        v_move.advance := p_after.advance - p_before.advance;
        -- What was kept and went to something meanwhile is a movement of its own.
        FOREACH v_advance IN ARRAY coalesce(
            p_after.advances[coalesce(cardinality(p_before.advances), 0) + 1:], '{}'
        ) LOOP
            v_move.principal := v_move.principal - v_advance.principal;
            v_move.interest := v_move.interest - v_advance.interest;
            v_move.fees := v_move.fees - v_advance.fees;
            v_move.penalties := v_move.penalties - v_advance.penalties;
            v_move.advance := v_move.advance - v_advance.advance;
        END LOOP;
        p_replayed.movements := p_replayed.movements || v_move;
    END IF;
    IF p_after.reason IS NOT NULL THEN
        v_schedule.id := p_transaction.id;
        v_schedule.reason := p_after.reason;
        v_schedule.effective_on := p_transaction.effective_on;
        v_schedule.transaction_id := p_transaction.id;
        v_schedule.annual_rate_percent := p_after.annual_rate_percent;
        p_replayed.schedules := p_replayed.schedules || v_schedule;
        p_replayed.instalments := p_replayed.instalments || (
            SELECT array_agg(
                ROW(
                    p_after.tenant_id, p_transaction.id, i.no, p_after.business_id,
                    p_after.loan_id, i.starts_on, i.due_date, i.days, i.principal, i.interest,
                    i.fees, i.principal + i.interest + i.fees, i.balance, i.interest_before,
                    i.principal_to_date, i.interest_to_date, i.fees_to_date
                )::lending.instalments
                ORDER BY i.no
            )
            FROM unnest(
                p_after.starts_on, p_after.due_dates, p_after.days, p_after.principal,
                p_after.interest, p_after.fees, p_after.balance, p_after.interest_before,
                p_after.principal_to_date, p_after.interest_to_date, p_after.fees_to_date
            ) WITH ORDINALITY AS i (
                starts_on, due_date, days, principal, interest, fees, balance, interest_before,
                principal_to_date, interest_to_date, fees_to_date, no
            )
        );
    END IF;
    RETURN p_replayed;
END;
$$;
COMMENT ON FUNCTION lending.note_transaction(
    lending.replayed, lending.replay_state, lending.replay_state, lending.transactions
) IS
'Adds the movement of a transaction that made p_after of p_before, and the version of the schedule '
'that it made, if it made one. Internal.';
