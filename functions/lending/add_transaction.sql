-- Put on record what happened to a loan, after all that was recorded of it before.
CREATE OR REPLACE FUNCTION lending.add_transaction(
    p_loan lending.loans,
    p_transaction lending.transactions
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_transaction.method IS NULL
        AND p_transaction.kind IN ('disbursement', 'payment', 'recovery', 'refund')
    THEN
        RAISE EXCEPTION 'a % of loan % says how money went', p_transaction.kind, p_loan.loan_no
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Give the method: cash, bank, mpesa, or another that posting rules know.';
    END IF;
    p_transaction.tenant_id := p_loan.tenant_id;
    p_transaction.business_id := p_loan.business_id;
    p_transaction.loan_id := p_loan.id;
    p_transaction.id := coalesce(p_transaction.id, core.uuid_v7());
    SELECT coalesce(max(t.place), 0) + 1 INTO p_transaction.place
    FROM lending.transactions AS t
    WHERE t.tenant_id = p_loan.tenant_id
        AND t.business_id = p_loan.business_id
        AND t.loan_id = p_loan.id;
    INSERT INTO lending.transactions SELECT p_transaction.*;
    RETURN p_transaction.id;
END;
$$;
COMMENT ON FUNCTION lending.add_transaction(lending.loans, lending.transactions) IS
'Inserts a transaction of a loan that is locked (lending.lock_loan), and returns its id, a new one '
'if it has none. Of p_transaction kind, effective_on and what belongs to the kind are to be set. '
'Has no effect on balances: call lending.restate then. Internal. Raises 22023 (money went, and no '
'method says how), 23514 (malformed).';
