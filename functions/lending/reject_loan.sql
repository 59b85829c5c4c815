-- Reject an application, or what was approved and not paid out.
CREATE OR REPLACE FUNCTION lending.reject_loan(
    p_loan_id uuid,
    p_reason text,
    p_rejected_on date DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_loan lending.loans;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.approve');
    v_loan := lending.lock_loan(p_tenant_id, p_loan_id);
    PERFORM lending.require_status(v_loan, '{applied, approved}');
    p_rejected_on := lending.require_day(
        v_loan, p_rejected_on, coalesce(v_loan.decided_on, v_loan.applied_on),
        'The first day after applying, or after it was approved,'
    );
    UPDATE lending.loans AS l
    SET status = 'rejected',
        decided_on = p_rejected_on,
        decided_by = core.current_actor(),
        decision_reason = p_reason
    WHERE l.tenant_id = p_tenant_id AND l.id = p_loan_id;
END;
$$;
COMMENT ON FUNCTION lending.reject_loan(uuid, text, date, integer) IS
'Rejects an application, or takes an approval back before anything is paid out, for p_reason; '
'p_rejected_on NULL: today. Its officer may do so. Needs lending.approve. Raises ZI001 to ZI004, '
'ZI009 to ZI011 (token, permission), ZO010 (no such loan), ZO031 (it is paid out, or rejected), '
'ZO039 (before the application or the approval), 23514 (no p_reason, or it is too long).';
