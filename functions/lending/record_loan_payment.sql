-- A borrower paid.
CREATE OR REPLACE FUNCTION lending.record_loan_payment(
    p_loan_id uuid,
    p_amount numeric,
    p_paid_on date,
    p_method text,
    p_reference text DEFAULT NULL,
    p_idempotency_key text DEFAULT NULL,
    p_prepayment text DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_loan lending.loans;
    v_payment lending.transactions;
    v_claimed_id uuid;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.record_payments');
    v_loan := lending.lock_loan(p_tenant_id, p_loan_id);
    v_payment.id := core.uuid_v7();
    v_claimed_id := lending.claim_request(
        p_tenant_id,
        p_idempotency_key,
        jsonb_build_array(
            'payment', p_loan_id, trim_scale(p_amount), p_paid_on, p_method, p_reference,
            p_prepayment
        ),
        v_payment.id
    );
    IF v_claimed_id <> v_payment.id THEN
        RETURN v_claimed_id;
    END IF;
    IF v_loan.disbursed_on IS NULL THEN
        RAISE EXCEPTION 'loan % is not paid out', v_loan.loan_no
        USING ERRCODE = 'ZO011',
            DETAIL = format('It is %s.', v_loan.status),
            HINT = 'See lending.disburse_loan.';
    ELSIF (p_paid_on BETWEEN v_loan.disbursed_on AND '9999-12-31') IS NOT true THEN
        RAISE EXCEPTION 'loan % was not owed on %', v_loan.loan_no,
            coalesce(p_paid_on::text, 'NULL')
        USING ERRCODE = 'ZO012',
            DETAIL = format('It was paid out on %s.', v_loan.disbursed_on),
            HINT = 'Give that day or a later one.';
    END IF;
    PERFORM lending.require_amount(v_loan, p_amount);
    IF p_prepayment <> ALL (enum_range(NULL::lending.prepayment)::text[]) THEN
        RAISE EXCEPTION 'there is no prepayment %', p_prepayment
        USING ERRCODE = 'invalid_parameter_value',
            HINT = format(
                'One of: %s.', array_to_string(enum_range(NULL::lending.prepayment), ', ')
            );
    END IF;
    v_payment.kind := 'payment';
    v_payment.effective_on := p_paid_on;
    v_payment.amount := p_amount;
    v_payment.method := p_method;
    v_payment.reference := p_reference;
    v_payment.prepayment := coalesce(p_prepayment::lending.prepayment, v_loan.prepayment);
    PERFORM lending.add_transaction(v_loan, v_payment);
    PERFORM lending.restate(p_tenant_id, p_loan_id);
    RETURN v_payment.id;
END;
$$;
COMMENT ON FUNCTION lending.record_loan_payment(
    uuid, numeric, date, text, text, text, text, integer
) IS
'Records a payment on the day on which it was made, which may be long ago, and returns its id. It '
'goes to what is due, in the allocation order of the loan; p_prepayment (advance, '
'reduce_instalment, reduce_term; NULL: as the loan has it) says what becomes of the rest; what '
'covers all that is owed closes the loan, and what is beyond is kept for the borrower. p_method: '
'cash, mpesa, bank or another that posting rules know; p_reference: such as a receipt number. The '
'same p_idempotency_key again records nothing and returns the same id. Needs '
'lending.record_payments. Raises ZI001 to ZI004, ZI009 to ZI011 (token, permission), ZO010 (no '
'such loan), ZO011, ZO012 (not paid out by then), ZO013 (it is written off: '
'lending.record_loan_recovery), ZO040 (key of another request), 22023 (p_amount, p_prepayment, '
'no p_method), 23502, 23514 (p_method, p_reference), and what the posting raises.';
