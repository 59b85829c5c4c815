-- Money that came in after a loan was given up.
CREATE OR REPLACE FUNCTION lending.record_loan_recovery(
    p_loan_id uuid,
    p_amount numeric,
    p_recovered_on date DEFAULT NULL,
    p_method text DEFAULT 'cash',
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
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.record_payments');
    v_loan := lending.lock_loan(p_tenant_id, p_loan_id);
    v_made.id := core.uuid_v7();
    v_claimed_id := lending.claim_request(
        p_tenant_id,
        p_idempotency_key,
        jsonb_build_array(
            'recover', p_loan_id, trim_scale(p_amount), p_recovered_on, p_method, p_reference
        ),
        v_made.id
    );
    IF v_claimed_id <> v_made.id THEN
        RETURN v_claimed_id;
    END IF;
    PERFORM lending.require_status(v_loan, '{written_off}');
    v_made.effective_on := lending.require_day(
        v_loan, p_recovered_on, v_loan.written_off_on, 'The day on which it was written off'
    );
    PERFORM lending.require_amount(v_loan, p_amount);
    v_made.kind := 'recovery';
    v_made.amount := p_amount;
    v_made.method := p_method;
    v_made.reference := p_reference;
    PERFORM lending.add_transaction(v_loan, v_made);
    PERFORM lending.restate(p_tenant_id, p_loan_id);
    RETURN v_made.id;
END;
$$;
COMMENT ON FUNCTION lending.record_loan_recovery(uuid, numeric, date, text, text, text, integer) IS
'Records money that came in on p_recovered_on (NULL: today) for a loan that is written off, and '
'returns the id of the transaction; the same p_idempotency_key again records nothing more and '
'returns the same id. Needs lending.record_payments. Raises ZI001 to ZI004, ZI009 to ZI011 (token, '
'permission), ZO010 (no such loan), ZO031 (it is not written off), ZO039 (before it was), ZO040 '
'(key of another request), 22023 (p_amount, no p_method), 23502, 23514 (p_method, '
'p_reference).';
