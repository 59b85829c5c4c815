-- Give up interest, fees or penalties that are due.
CREATE OR REPLACE FUNCTION lending.waive_loan_balance(
    p_loan_id uuid,
    p_due_kind text,
    p_amount numeric DEFAULT NULL,
    p_waived_on date DEFAULT NULL,
    p_reason text DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_loan lending.loans;
    v_made lending.transactions;
    v_there numeric;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.correct');
    v_loan := lending.lock_loan(p_tenant_id, p_loan_id);
    PERFORM lending.require_status(v_loan, '{active, restructured, defaulted}');
    v_made.effective_on := lending.require_day(
        v_loan, p_waived_on, v_loan.disbursed_on, 'The day on which it was paid out'
    );
    SELECT CASE p_due_kind
        WHEN 'interest' THEN b.interest
        WHEN 'fee' THEN b.fees
        WHEN 'penalty' THEN b.penalties
    END
    INTO v_there
    FROM lending.loan_balance(p_loan_id, v_made.effective_on) AS b;
    IF v_there IS NULL THEN
        RAISE EXCEPTION 'what is waived is interest, fee or penalty'
        USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('Given: %s.', coalesce(p_due_kind, 'NULL')),
            HINT = 'Principal is given up with lending.write_off_loan.';
    END IF;
    IF p_amount IS NULL AND v_there = 0 THEN
        RAISE EXCEPTION 'nothing of that is due of loan %', v_loan.loan_no
        USING ERRCODE = 'ZO038',
            HINT = 'See lending.loan_balance.';
    END IF;
    PERFORM lending.require_amount(v_loan, coalesce(p_amount, v_there));
    v_made.amount := coalesce(p_amount, v_there);
    v_made.kind := 'waiver';
    v_made.due_kind := p_due_kind::lending.due_kind;
    v_made.description := p_reason;
    v_made.id := lending.add_transaction(v_loan, v_made);
    PERFORM lending.restate(p_tenant_id, p_loan_id);
    -- What has accrued and is not due yet is not waived.
    SELECT coalesce(-sum(m.interest + m.fees + m.penalties), 0) INTO v_there
    FROM lending.movements AS m
    WHERE m.tenant_id = p_tenant_id
        AND m.business_id = v_loan.business_id
        AND m.loan_id = p_loan_id
        AND m.effective_on = v_made.effective_on
        AND m.transaction_id = v_made.id;
    IF v_there < coalesce(p_amount, v_there) OR v_there = 0 THEN
        RAISE EXCEPTION 'too much for loan %', v_loan.loan_no
        USING ERRCODE = 'ZO038',
            DETAIL = format(
                'The %s that is due on %s is %s, not %s.', p_due_kind, v_made.effective_on, v_there,
                v_made.amount
            ),
            HINT = 'Give that or less.';
    END IF;
    RETURN v_made.id;
END;
$$;
COMMENT ON FUNCTION lending.waive_loan_balance(uuid, text, numeric, date, text, integer) IS
'Gives up p_amount (NULL: all) of the interest, fee or penalty (p_due_kind) that is due on '
'p_waived_on (NULL: today), and returns the id of the transaction. What turns out not to have been '
'due then is not given up. Needs lending.correct. Raises ZI001 to ZI004, ZI009 to ZI011 (token, '
'permission), ZO010 (no such loan), ZO031 (nothing is owed), ZO038 (more than is due), ZO039 '
'(before it was paid out), 22023 (p_due_kind, p_amount), 23514 (p_reason).';
