-- Pay a loan out, at once or in parts.
CREATE OR REPLACE FUNCTION lending.disburse_loan(
    p_loan_id uuid,
    p_method text DEFAULT 'cash',
    p_disbursed_on date DEFAULT NULL,
    p_amount numeric DEFAULT NULL,
    p_withhold_fees boolean DEFAULT true,
    p_reference text DEFAULT NULL,
    p_idempotency_key text DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_loan lending.loans;
    v_made lending.transactions;
    v_claimed_id uuid;
    v_left numeric;
    v_fees numeric;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.disburse');
    v_loan := lending.lock_loan(p_tenant_id, p_loan_id);
    v_made.id := core.uuid_v7();
    v_claimed_id := lending.claim_request(
        p_tenant_id,
        p_idempotency_key,
        jsonb_build_array(
            'disburse', p_loan_id, p_method, p_disbursed_on, trim_scale(p_amount),
            p_withhold_fees, p_reference
        ),
        v_made.id
    );
    IF v_claimed_id <> v_made.id THEN
        RETURN v_claimed_id;
    END IF;
    PERFORM lending.require_status(v_loan, '{approved, active, restructured}');
    v_made.effective_on := lending.require_day(
        v_loan, p_disbursed_on, coalesce(v_loan.disbursed_on, v_loan.decided_on),
        CASE WHEN v_loan.disbursed_on IS NULL THEN 'The first day after it was approved'
            ELSE 'The first day after it was first paid out'
        END
    );
    IF v_loan.disbursed_on IS NULL AND v_loan.first_due_on <= v_made.effective_on THEN
        RAISE EXCEPTION 'loan % would be due before it is paid out', v_loan.loan_no
        USING ERRCODE = 'ZO039',
            DETAIL = format(
                'Its first instalment is due on %s, it would be paid out on %s.',
                v_loan.first_due_on, v_made.effective_on
            ),
            HINT = 'Reject it, and apply with another first due date.';
    END IF;
    SELECT v_loan.principal - coalesce(sum(t.amount), 0) INTO v_left
    FROM lending.transactions AS t
    WHERE t.tenant_id = p_tenant_id
        AND t.business_id = v_loan.business_id
        AND t.loan_id = p_loan_id
        AND t.kind = 'disbursement'
        AND NOT EXISTS (
            SELECT FROM lending.reversals AS r
            WHERE r.tenant_id = t.tenant_id AND r.transaction_id = t.id
        );
    IF v_left <= 0 THEN
        RAISE EXCEPTION 'all of loan % is paid out', v_loan.loan_no
        USING ERRCODE = 'ZO038',
            HINT = 'Apply for another loan.';
    END IF;
    p_amount := coalesce(p_amount, v_left);
    PERFORM lending.require_amount(v_loan, p_amount, v_left, 'What is not paid out yet');
    v_made.amount := p_amount;
    v_made.fees_withheld := 0;
    IF p_withhold_fees IS NOT false THEN
        v_fees := lending.disbursement_fees(
            v_loan, v_made.amount, v_loan.disbursed_on IS NULL
        );
        IF v_fees > v_made.amount THEN
            RAISE EXCEPTION 'the fees of loan % are more than is paid out', v_loan.loan_no
            USING ERRCODE = 'ZO038',
                DETAIL = format('They are %s of %s.', v_fees, v_made.amount),
                HINT = 'Pay more out, or charge them with p_withhold_fees => false.';
        END IF;
        v_made.fees_withheld := v_fees;
    END IF;
    v_made.kind := 'disbursement';
    v_made.method := p_method;
    v_made.reference := p_reference;
    PERFORM lending.add_transaction(v_loan, v_made);
    PERFORM lending.restate(p_tenant_id, p_loan_id);
    RETURN v_made.id;
END;
$$;
COMMENT ON FUNCTION lending.disburse_loan(
    uuid, text, date, numeric, boolean, text, text, integer
) IS
'Pays an approved loan out, or a further part of it, and returns the id of the transaction. '
'p_method: cash, mpesa, bank or another; p_disbursed_on NULL: today; p_amount NULL: all that is '
'not paid out yet; p_withhold_fees false: fees at disbursement are not kept, they are due at '
'once; p_reference: such as a receipt number; the same p_idempotency_key again pays nothing more '
'and returns the same id. Fixed amounts are charged with the first part, percentages with each. '
'Needs lending.disburse. Raises ZI001 to ZI004, ZI009 to ZI011 (token, permission), ZO010 (no '
'such loan), ZO031 (neither approved nor paid out and owed), ZO038 (more than was approved, or '
'less than its fees), ZO039 (before it was approved or first paid out, or after it is due), ZO040 '
'(key of another request), 22023 (p_amount, no p_method), 23502, 23514 (p_method, '
'p_reference).';
