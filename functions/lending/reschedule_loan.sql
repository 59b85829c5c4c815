-- Spread all that is owed anew.
CREATE OR REPLACE FUNCTION lending.reschedule_loan(
    p_loan_id uuid,
    p_instalments integer,
    p_rescheduled_on date DEFAULT NULL,
    p_rate numeric DEFAULT NULL,
    p_first_due_on date DEFAULT NULL,
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
        v_loan, p_rescheduled_on, v_loan.disbursed_on, 'The day on which it was paid out'
    );
    IF p_first_due_on IS NOT NULL THEN
        PERFORM lending.require_day(
            v_loan, p_first_due_on, v_made.effective_on + 1, 'The first day that may be due'
        );
    END IF;
    v_made.kind := 'reschedule';
    v_made.instalments := p_instalments;
    v_made.annual_rate_percent := p_rate;
    v_made.first_due_on := p_first_due_on;
    v_made.description := p_reason;
    v_made.id := lending.add_transaction(v_loan, v_made);
    PERFORM lending.restate(p_tenant_id, p_loan_id);
    RETURN v_made.id;
END;
$$;
COMMENT ON FUNCTION lending.reschedule_loan(uuid, integer, date, numeric, date, text, integer) IS
'Spreads all principal that is owed, overdue too, over p_instalments from p_rescheduled_on (NULL: '
'today) on, and returns the id of the transaction; the loan is restructured. p_rate: percent a '
'year from then on (NULL: as before); p_first_due_on NULL: one interval later. Interest and fees '
'that are due and unpaid move to the first of the new instalments; penalties stay. The schedule '
'before stays on record. Needs lending.reschedule. Raises ZI001 to ZI004, ZI009 to ZI011 (token, '
'permission), ZO010 (no such loan), ZO031 (nothing is owed), ZO039 (before it was paid out, or '
'first due on that day or before), 22023 (the terms make no schedule), 23514 (p_instalments, '
'p_rate, p_reason).';
