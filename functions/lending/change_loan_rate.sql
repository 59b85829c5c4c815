-- Have another rate from a day on.
CREATE OR REPLACE FUNCTION lending.change_loan_rate(
    p_loan_id uuid,
    p_rate numeric,
    p_changed_on date DEFAULT NULL,
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
        v_loan, p_changed_on, v_loan.disbursed_on, 'The day on which it was paid out'
    );
    PERFORM lending.require_instalments(v_loan, v_made.effective_on);
    v_made.kind := 'rate_change';
    v_made.annual_rate_percent := p_rate;
    v_made.description := p_reason;
    v_made.id := lending.add_transaction(v_loan, v_made);
    PERFORM lending.restate(p_tenant_id, p_loan_id);
    RETURN v_made.id;
END;
$$;
COMMENT ON FUNCTION lending.change_loan_rate(uuid, numeric, date, text, integer) IS
'Has what is not due yet bear p_rate, percent a year, from p_changed_on (NULL: today) on, over the '
'same due dates, and returns the id of the transaction; interest accrued until then stays. The '
'schedule before stays on record. Needs lending.reschedule. Raises ZI001 to ZI004, ZI009 to ZI011 '
'(token, permission), ZO010 (no such loan), ZO031 (nothing is owed), ZO039 (before it was paid '
'out), ZO041 (no instalment is due later), 23514 (p_rate, p_reason).';
