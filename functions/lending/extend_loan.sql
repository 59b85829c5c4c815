-- Have more instalments.
CREATE OR REPLACE FUNCTION lending.extend_loan(
    p_loan_id uuid,
    p_instalments integer,
    p_extended_on date DEFAULT NULL,
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
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.reschedule');
    v_loan := lending.lock_loan(p_tenant_id, p_loan_id);
    PERFORM lending.require_status(v_loan, '{active, restructured, defaulted}');
    v_made.effective_on := lending.require_day(
        v_loan, p_extended_on, v_loan.disbursed_on, 'The day on which it was paid out'
    );
    PERFORM lending.require_instalments(v_loan, v_made.effective_on);
    v_made.kind := 'extension';
    v_made.instalments := p_instalments;
    v_made.description := p_reason;
    v_made.id := lending.add_transaction(v_loan, v_made);
    PERFORM lending.restate(p_tenant_id, p_loan_id);
    RETURN v_made.id;
END;
$$;
COMMENT ON FUNCTION lending.extend_loan(uuid, integer, date, text, integer) IS
'Spreads what is not due on p_extended_on (NULL: today) over p_instalments more than there were to '
'come, and returns the id of the transaction. The schedule before stays on record. Needs '
'lending.reschedule. Raises ZI001 to ZI004, ZI009 to ZI011 (token, permission), ZO010 (no such '
'loan), ZO031 (nothing is owed), ZO039 (before it was paid out), ZO041 (no instalment is due '
'later), 22023 (the terms make no schedule), 23514 (p_instalments, p_reason).';
