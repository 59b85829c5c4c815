-- What a transaction does to a loan.
CREATE OR REPLACE FUNCTION lending.apply_transaction(
    p_state lending.replay_state,
    p_loan lending.loans,
    p_transaction lending.transactions
)
RETURNS lending.replay_state
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_fees numeric := coalesce(p_state.fees_to_date[p_state.due_count], 0) + p_state.fees_by_hand;
BEGIN
    IF (p_state.written_off_on IS NULL) = (p_transaction.kind = 'recovery') THEN
        RAISE EXCEPTION 'loan % is % then: no %', p_loan.loan_no,
            CASE WHEN p_state.written_off_on IS NULL THEN 'not written off' ELSE 'written off' END,
            p_transaction.kind
        USING ERRCODE = 'ZO013',
            DETAIL = format('The day is %s.', p_transaction.effective_on),
            HINT = 'After it is written off money is recorded by lending.record_loan_recovery; to '
                'reverse a write-off, reverse the recoveries first.';
    ELSIF p_transaction.kind = 'refund' AND (
        p_state.closed_on IS NULL OR p_transaction.amount > p_state.advance
    ) THEN
        RAISE EXCEPTION 'loan % was not overpaid by %', p_loan.loan_no, p_transaction.amount
        USING ERRCODE = 'ZO014',
            DETAIL = format(
                'On %s what was overpaid is %s.', p_transaction.effective_on,
                CASE WHEN p_state.closed_on IS NULL THEN 0 ELSE p_state.advance END
            ),
            HINT = 'Refund what was overpaid; to reverse a payment that was refunded, reverse the '
                'refund first.';
    END IF;
    IF p_transaction.kind = 'payment' THEN
        p_state := lending.pay(p_state, p_loan, p_transaction);
    ELSIF p_transaction.kind = 'fee' THEN
        p_state.fees_by_hand := p_state.fees_by_hand + p_transaction.amount;
    ELSIF p_transaction.due_kind = 'interest' THEN
        p_state.interest_settled := p_state.interest_settled + least(
            p_transaction.amount,
            coalesce(p_state.interest_to_date[p_state.due_count], 0) - p_state.interest_settled
        );
    ELSIF p_transaction.due_kind = 'fee' THEN
        p_state.fees_settled := p_state.fees_settled
            + least(p_transaction.amount, v_fees - p_state.fees_settled);
    ELSIF p_transaction.due_kind = 'penalty' THEN
        p_state.penalties_settled := p_state.penalties_settled
            + least(p_transaction.amount, p_state.penalties_charged - p_state.penalties_settled);
    ELSIF p_transaction.kind = 'write_off' THEN
        -- All of it is due at once; what is kept goes to it.
        p_state := lending.add_instalment(
            lending.cut_schedule(p_state),
            p_state.disbursed - coalesce(p_state.principal_to_date[p_state.due_count], 0),
            p_state.interest_accrued - coalesce(p_state.interest_to_date[p_state.due_count], 0)
        );
        p_state := lending.use_advance(p_state, p_loan);
        p_state := lending.allocate(p_state, p_loan, lending.owed(p_state));
        p_state.written_off_on := p_state.on_day;
    ELSIF p_transaction.kind = 'refund' THEN
        p_state.advance := p_state.advance - p_transaction.amount;
    ELSIF p_transaction.kind <> 'recovery' THEN
        IF p_transaction.kind = 'disbursement' THEN
            p_state.fees_by_hand := p_state.fees_by_hand + greatest(
                0,
                lending.disbursement_fees(
                    p_loan, p_transaction.amount, p_state.due_dates = '{}'
                ) - p_transaction.fees_withheld
            );
        END IF;
        p_state := lending.change_terms(p_state, p_loan, p_transaction);
    END IF;
    RETURN lending.use_advance(p_state, p_loan);
END;
$$;
COMMENT ON FUNCTION lending.apply_transaction(
    lending.replay_state, lending.loans, lending.transactions
) IS
'Carries out a transaction on on_day, its day. Raises ZO013 (after a write-off nothing but '
'recoveries, and these only then), ZO014 (a refund of more than was overpaid). Internal.';
