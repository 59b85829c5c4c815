-- What days do to a loan on which nothing happens.
CREATE OR REPLACE FUNCTION lending.pass_days(
    p_state lending.replay_state,
    p_loan lending.loans,
    p_day date
)
RETURNS lending.replay_state
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_count integer := cardinality(p_state.due_dates);
    v_due integer;
    v_no integer;
    v_stop date;
    v_since date;
    v_penalties numeric;
BEGIN
    IF p_state.written_off_on IS NOT NULL THEN
        p_state.on_day := p_day;
        RETURN p_state;
    END IF;
    WHILE p_state.on_day < p_day LOOP
        v_due := p_state.due_count;
        v_stop := p_day;
        -- What is kept goes to what falls due on its day, and so bears no penalty.
        IF p_state.advance > 0 AND v_due < v_count THEN
            v_stop := least(v_stop, p_state.due_dates[v_due + 1]);
        END IF;
        WHILE v_due < v_count AND p_state.due_dates[v_due + 1] <= v_stop LOOP
            v_due := v_due + 1;
        END LOOP;
        -- Cumulative sums: where one is settled, so are all before it.
        FOR v_no IN REVERSE v_due..1 LOOP
            EXIT WHEN p_state.principal_to_date[v_no] <= p_state.principal_settled
                AND p_state.interest_to_date[v_no] <= p_state.interest_settled
                AND p_state.fees_to_date[v_no] <= p_state.fees_settled;
            v_since := greatest(
                p_state.on_day, p_state.due_dates[v_no] + p_loan.penalty_grace_days
            );
            IF v_since < v_stop THEN
                p_state.penalty_days := p_state.penalty_days + (v_stop - v_since) * (
                    least(p_state.principal[v_no], greatest(
                        p_state.principal_to_date[v_no] - p_state.principal_settled, 0
                    ))
                    + least(p_state.interest[v_no], greatest(
                        p_state.interest_to_date[v_no] - p_state.interest_settled, 0
                    ))
                    + least(p_state.fees[v_no], greatest(
                        p_state.fees_to_date[v_no] - p_state.fees_settled, 0
                    ))
                );
            END IF;
        END LOOP;
        IF p_state.penalty_days > 0 AND p_loan.penalty_rate_percent > 0 THEN
            v_penalties := lending.round_quotient(
                p_state.penalty_days * p_loan.penalty_rate_percent, 36500, p_state.unit,
                p_state.rounding
            );
            p_state.penalties_charged := greatest(p_state.penalties_charged, least(
                v_penalties,
                lending.round_quotient(
                    p_loan.penalty_cap_percent * p_state.disbursed, 100, p_state.unit,
                    p_state.rounding
                )
            ));
        END IF;
        p_state.due_count := v_due;
        p_state.on_day := v_stop;
        p_state.interest_accrued := coalesce(p_state.interest_to_date[v_due], 0);
        -- The next that pays interest; those before it, in grace, pay none.
        v_no := v_due + 1;
        WHILE p_state.interest[v_no] = 0 LOOP
            v_no := v_no + 1;
        END LOOP;
        IF v_no <= v_count THEN
            p_state.interest_accrued := p_state.interest_accrued + p_state.interest_before[v_no];
            IF p_state.starts_on[v_no] < v_stop THEN
                p_state.interest_accrued := p_state.interest_accrued + lending.round_quotient(
                    (p_state.interest[v_no] - p_state.interest_before[v_no])
                    * (v_stop - p_state.starts_on[v_no]),
                    p_state.due_dates[v_no] - p_state.starts_on[v_no],
                    p_state.unit,
                    p_state.rounding
                );
            END IF;
        END IF;
        p_state := lending.use_advance(p_state, p_loan);
    END LOOP;
    RETURN p_state;
END;
$$;
COMMENT ON FUNCTION lending.pass_days(lending.replay_state, lending.loans, date) IS
'Goes from on_day through p_day: interest accrues, instalments fall due, penalties are charged, '
'and what is kept goes to what has fallen due, day by day in this order. Internal.';
