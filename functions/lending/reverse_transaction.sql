-- What was recorded of a loan did not happen after all.
CREATE OR REPLACE FUNCTION lending.reverse_transaction(
    p_transaction_id uuid,
    p_reason text,
    p_reversed_on date DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_transaction lending.transactions;
    v_loan lending.loans;
    v_allowed text;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.correct');
    v_allowed := current_setting('pgerp.business_ids', true);
    p_reversed_on := coalesce(p_reversed_on, current_date);
    SELECT t.* INTO v_transaction
    FROM lending.transactions AS t
    WHERE t.tenant_id = p_tenant_id
        AND t.id = p_transaction_id
        AND (v_allowed = '*' OR v_allowed::jsonb @> to_jsonb(t.business_id));
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such transaction of a loan: %', coalesce(p_transaction_id::text, 'NULL')
        USING ERRCODE = 'ZO015',
            HINT = 'See lending.transactions for the ids that the token covers.';
    END IF;
    v_loan := lending.lock_loan(p_tenant_id, v_transaction.loan_id);
    IF v_transaction.place = 1 THEN
        RAISE EXCEPTION 'loan % was paid out, and that stays', v_loan.loan_no
        USING ERRCODE = 'ZO017',
            HINT = 'Record that it was paid back.';
    ELSIF EXISTS (
        SELECT FROM lending.reversals AS r
        WHERE r.tenant_id = p_tenant_id AND r.transaction_id = p_transaction_id
    ) THEN
        RAISE EXCEPTION 'transaction % of loan % is reversed already', v_transaction.place,
            v_loan.loan_no
        USING ERRCODE = 'ZO016',
            HINT = 'If it did happen, record it again.';
    ELSIF (p_reversed_on BETWEEN v_loan.disbursed_on AND '9999-12-31') IS NOT true THEN
        RAISE EXCEPTION 'loan % was not owed on %', v_loan.loan_no, p_reversed_on
        USING ERRCODE = 'ZO012',
            DETAIL = format('It was paid out on %s.', v_loan.disbursed_on),
            HINT = 'Give that day or a later one.';
    END IF;
    INSERT INTO lending.reversals (
        tenant_id, transaction_id, business_id, loan_id, reversed_on, reason
    )
    VALUES (
        p_tenant_id, p_transaction_id, v_loan.business_id, v_loan.id, p_reversed_on, p_reason
    );
    PERFORM lending.restate(p_tenant_id, v_loan.id, NULL, p_reversed_on);
END;
$$;
COMMENT ON FUNCTION lending.reverse_transaction(uuid, text, date, integer) IS
'Takes a transaction of a loan back, of any kind but the first disbursement: the loan is as if it '
'had never been recorded, on every day, and what was allocated after it is allocated anew. The '
'books have that on p_reversed_on (NULL: today). What was refunded or recovered since is to be '
'reversed first where it rests on it. Needs lending.correct. Raises ZI001 to ZI004, ZI009 to ZI011 '
'(token, permission), ZO012 (p_reversed_on is before it was paid out), ZO013, ZO014 (later ones '
'rest on it), ZO015 (no such transaction), ZO016 (reversed already), ZO017 (the first '
'disbursement), 23502, 23514 (p_reason), and what the posting raises.';
