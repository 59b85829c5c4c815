-- Bring all that is derived of a loan in line with what happened to it.
CREATE OR REPLACE FUNCTION lending.restate(
    p_tenant_id integer,
    p_loan_id uuid,
    p_through date DEFAULT NULL,
    p_caused_on date DEFAULT NULL
)
RETURNS lending.loan_balances
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_loan lending.loans := lending.lock_loan(p_tenant_id, p_loan_id);
    v_balances lending.loan_balances;
    v_replayed lending.replayed;
    v_last_on date;
    v_recorded_on date;
    v_moves lending.movements[];
BEGIN
    SELECT b.* INTO v_balances
    FROM lending.loan_balances AS b
    WHERE b.tenant_id = p_tenant_id AND b.loan_id = p_loan_id;
    SELECT
        max(t.effective_on) FILTER (WHERE r.transaction_id IS NULL),
        (array_agg(t.effective_on ORDER BY t.place DESC))[1]
    INTO v_last_on, v_recorded_on
    FROM lending.transactions AS t
    LEFT JOIN lending.reversals AS r
        ON r.tenant_id = t.tenant_id AND r.transaction_id = t.id
    WHERE t.tenant_id = p_tenant_id
        AND t.business_id = v_loan.business_id
        AND t.loan_id = p_loan_id;
    v_replayed := lending.replay(
        v_loan, greatest(p_through, v_balances.processed_through, v_last_on),
        v_balances.processed_through
    );
    IF (v_replayed).disbursed_on IS NULL THEN
        RAISE EXCEPTION 'loan % is not paid out', v_loan.loan_no
        USING ERRCODE = 'ZO011',
            DETAIL = format('It is %s.', v_loan.status),
            HINT = 'See lending.disburse_loan.';
    END IF;
    v_moves := lending.compare_movements(
        v_loan, v_balances, v_replayed, coalesce(p_caused_on, v_recorded_on)
    );
    IF v_moves IS NOT NULL THEN
        PERFORM lending.book_movements(v_loan, v_moves);
    END IF;
    v_replayed.balances.schedule_id := lending.store_schedules(v_loan, v_replayed);
    v_balances := v_replayed.balances;
    INSERT INTO lending.loan_balances AS b (
        tenant_id, loan_id, business_id, schedule_id, processed_through, disbursed,
        principal_settled, interest_accrued, interest_settled, fees_scheduled, fees_charged,
        fees_settled, penalty_days, penalties_charged, penalties_settled, advance,
        oldest_unpaid_due_on, overdue, days_past_due
    )
    VALUES (
        v_balances.tenant_id, v_balances.loan_id, v_balances.business_id, v_balances.schedule_id,
        v_balances.processed_through, v_balances.disbursed, v_balances.principal_settled,
        v_balances.interest_accrued, v_balances.interest_settled, v_balances.fees_scheduled,
        v_balances.fees_charged, v_balances.fees_settled, v_balances.penalty_days,
        v_balances.penalties_charged, v_balances.penalties_settled, v_balances.advance,
        v_balances.oldest_unpaid_due_on, v_balances.overdue, v_balances.days_past_due
    )
    ON CONFLICT (tenant_id, loan_id) DO UPDATE SET
        schedule_id = excluded.schedule_id,
        processed_through = excluded.processed_through,
        disbursed = excluded.disbursed,
        principal_settled = excluded.principal_settled,
        interest_accrued = excluded.interest_accrued,
        interest_settled = excluded.interest_settled,
        fees_scheduled = excluded.fees_scheduled,
        fees_charged = excluded.fees_charged,
        fees_settled = excluded.fees_settled,
        penalty_days = excluded.penalty_days,
        penalties_charged = excluded.penalties_charged,
        penalties_settled = excluded.penalties_settled,
        advance = excluded.advance,
        oldest_unpaid_due_on = excluded.oldest_unpaid_due_on,
        overdue = excluded.overdue,
        days_past_due = excluded.days_past_due
    RETURNING b.* INTO v_balances;
    UPDATE lending.loans AS l
    SET
        status = v_replayed.status,
        disbursed_on = v_replayed.disbursed_on,
        restructured_on = v_replayed.restructured_on,
        defaulted_on = v_replayed.defaulted_on,
        closed_on = v_replayed.closed_on,
        written_off_on = v_replayed.written_off_on
    WHERE l.tenant_id = p_tenant_id
        AND l.id = p_loan_id
        AND (
            l.status, l.disbursed_on, l.restructured_on, l.defaulted_on, l.closed_on,
            l.written_off_on
        ) IS DISTINCT FROM (
            v_replayed.status, v_replayed.disbursed_on, v_replayed.restructured_on,
            v_replayed.defaulted_on, v_replayed.closed_on, v_replayed.written_off_on
        );
    RETURN v_balances;
END;
$$;
COMMENT ON FUNCTION lending.restate(integer, uuid, date, date) IS
'Replays a loan through the latest of p_through, what was processed so far and the day of its '
'last transaction; inserts what its movements lack, with their events, and new versions of its '
'schedule; writes its balances, status and dates; returns the balances. To be called after '
'whatever was recorded of the loan; again, it changes nothing. p_caused_on: the day on which what '
'was booked otherwise is corrected at the earliest; NULL: that of the transaction that was '
'recorded last. Internal. Raises ZO010 (no such loan), ZO011 (it is not paid out), ZO013, ZO014 '
'(transactions that cannot follow each other), and what the posting raises.';
