-- Charge a fee by hand.
CREATE OR REPLACE FUNCTION lending.charge_loan_fee(
    p_loan_id uuid,
    p_amount numeric,
    p_charged_on date DEFAULT NULL,
    p_reason text DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_loan lending.loans;
    v_made lending.transactions;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.correct');
    v_loan := lending.lock_loan(p_tenant_id, p_loan_id);
    PERFORM lending.require_status(v_loan, '{active, restructured, defaulted}');
    v_made.effective_on := lending.require_day(
        v_loan, p_charged_on, v_loan.disbursed_on, 'The day on which it was paid out'
    );
    PERFORM lending.require_amount(v_loan, p_amount);
    v_made.kind := 'fee';
    v_made.amount := p_amount;
    v_made.description := p_reason;
    v_made.id := lending.add_transaction(v_loan, v_made);
    PERFORM lending.restate(p_tenant_id, p_loan_id);
    RETURN v_made.id;
END;
$$;
COMMENT ON FUNCTION lending.charge_loan_fee(uuid, numeric, date, text, integer) IS
'Charges a fee, due at once on p_charged_on (NULL: today), and returns the id of the transaction. '
'Needs lending.correct. Raises ZI001 to ZI004, ZI009 to ZI011 (token, permission), ZO010 (no such '
'loan), ZO031 (nothing is owed), ZO039 (before it was paid out), 22023 (p_amount), 23514 '
'(p_reason).';
