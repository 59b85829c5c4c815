-- A loan before anything happened to it.
CREATE OR REPLACE FUNCTION lending.begin_replay(p_loan lending.loans)
RETURNS lending.replay_state
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_state lending.replay_state;
BEGIN
    v_state.tenant_id := p_loan.tenant_id;
    v_state.business_id := p_loan.business_id;
    v_state.loan_id := p_loan.id;
    v_state.unit := ('1e-' || p_loan.minor_units)::numeric;
    v_state.rounding := p_loan.rounding::text;
    v_state.due_dates := '{}';
    v_state.starts_on := '{}';
    v_state.days := '{}';
    v_state.principal := '{}';
    v_state.interest := '{}';
    v_state.fees := '{}';
    v_state.balance := '{}';
    v_state.interest_before := '{}';
    v_state.principal_to_date := '{}';
    v_state.interest_to_date := '{}';
    v_state.fees_to_date := '{}';
    v_state.due_count := 0;
    v_state.first_new := 1;
    v_state.annual_rate_percent := p_loan.annual_rate_percent;
    v_state.grace_principal := p_loan.grace_principal;
    v_state.grace_interest := p_loan.grace_interest;
    v_state.interest_free := p_loan.interest_free;
    SELECT
        coalesce(sum(f.amount) FILTER (WHERE f.basis = 'flat'), 0),
        coalesce(
            array_agg(f.amount::numeric ORDER BY f.code) FILTER (WHERE f.basis = 'percent'), '{}'
        )
    INTO v_state.fee_flat, v_state.fee_percents
    FROM lending.loan_fees AS f
    WHERE f.tenant_id = p_loan.tenant_id
        AND f.loan_id = p_loan.id
        AND f.occasion = 'instalment';
    v_state.disbursed := 0;
    v_state.principal_settled := 0;
    v_state.interest_accrued := 0;
    v_state.interest_settled := 0;
    v_state.fees_by_hand := 0;
    v_state.fees_settled := 0;
    v_state.penalty_days := 0;
    v_state.penalties_charged := 0;
    v_state.penalties_settled := 0;
    v_state.advance := 0;
    RETURN v_state;
END;
$$;
COMMENT ON FUNCTION lending.begin_replay(lending.loans) IS
'The state from which lending.replay begins. Internal.';
