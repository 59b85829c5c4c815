-- How many instalments are left when their amount stays and there is less to repay.
CREATE OR REPLACE FUNCTION lending.shorten(
    p_state lending.replay_state,
    p_loan lending.loans,
    p_principal numeric,
    p_due_dates date[]
)
RETURNS date[]
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_due integer := p_state.due_count;
    v_cut lending.replay_state := lending.cut_schedule(p_state);
    v_most integer := cardinality(p_due_dates);
    v_least integer;
    v_middle integer;
    v_no integer;
    v_amount numeric;
    v_tried lending.replay_state;
BEGIN
    -- The first whole one: of a whole period, and beyond grace of principal.
    v_no := 1 + greatest(
        v_cut.grace_principal, CASE WHEN v_cut.period_starts_on < p_state.on_day THEN 1 ELSE 0 END
    );
    v_no := least(v_no, v_most);
    v_amount := p_state.principal[v_due + v_no] + p_state.interest[v_due + v_no];
    v_least := least(v_cut.grace_principal + 1, v_most);
    WHILE v_least < v_most LOOP
        v_middle := (v_least + v_most) / 2;
        v_tried := lending.spread(
            v_cut, p_loan, p_principal, p_due_dates[:v_middle], 0, 0
        );
        IF v_tried.principal[v_due + least(v_no, v_middle)]
            + v_tried.interest[v_due + least(v_no, v_middle)] <= v_amount
        THEN
            v_most := v_middle;
        ELSE
            v_least := v_middle + 1;
        END IF;
    END LOOP;
    RETURN p_due_dates[:v_most];
END;
$$;
COMMENT ON FUNCTION lending.shorten(lending.replay_state, lending.loans, numeric, date[]) IS
'The fewest of the due dates to come with which the first whole instalment of p_principal is no '
'larger than it is by now. Internal.';
