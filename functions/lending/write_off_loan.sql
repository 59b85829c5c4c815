-- Give up what is owed.
CREATE OR REPLACE FUNCTION lending.write_off_loan(
    p_loan_id uuid,
    p_written_off_on date DEFAULT NULL,
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
        v_loan, p_written_off_on, v_loan.disbursed_on, 'The day on which it was paid out'
    );
    v_made.kind := 'write_off';
    v_made.description := p_reason;
    v_made.id := lending.add_transaction(v_loan, v_made);
    PERFORM lending.restate(p_tenant_id, p_loan_id);
    RETURN v_made.id;
END;
$$;
COMMENT ON FUNCTION lending.write_off_loan(uuid, date, text, integer) IS
'Gives up all that is owed on p_written_off_on (NULL: today), and returns the id of the '
'transaction. Nothing accrues after it; what comes in is a recovery '
'(lending.record_loan_recovery). Needs lending.correct. Raises ZI001 to ZI004, ZI009 to ZI011 '
'(token, permission), ZO010 (no such loan), ZO031 (nothing is owed), ZO039 (before it was paid '
'out), 23514 (p_reason).';
