-- Approve an application: by another than its officer and who entered it.
CREATE OR REPLACE FUNCTION lending.approve_loan(
    p_loan_id uuid,
    p_principal numeric DEFAULT NULL,
    p_approved_on date DEFAULT NULL,
    p_reason text DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_loan lending.loans;
    v_least numeric;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.approve');
    v_loan := lending.lock_loan(p_tenant_id, p_loan_id);
    PERFORM lending.require_status(v_loan, '{applied}');
    IF core.current_actor() IN (v_loan.officer, v_loan.created_by) THEN
        RAISE EXCEPTION 'loan % is approved by somebody else', v_loan.loan_no
        USING ERRCODE = 'ZO032',
            DETAIL = format(
                '%s is its officer, %s entered it.', v_loan.officer, v_loan.created_by
            ),
            HINT = 'Have another user approve it.';
    END IF;
    p_approved_on := lending.require_day(
        v_loan, p_approved_on, v_loan.applied_on, 'The first day after applying'
    );
    IF p_principal IS NOT NULL THEN
        PERFORM lending.require_amount(
            v_loan, p_principal, v_loan.requested_principal, 'The most, as requested,'
        );
        SELECT p.min_principal INTO v_least
        FROM lending.products AS p
        WHERE p.tenant_id = p_tenant_id AND p.id = v_loan.product_id;
        -- As requested passes, though the product has changed.
        IF p_principal < least(v_least, v_loan.requested_principal) THEN
            RAISE EXCEPTION 'its product does not allow such a loan'
            USING ERRCODE = 'ZO003',
                DETAIL = format('The least is %s, not %s.', v_least, p_principal),
                HINT = 'Approve more, or reject it.';
        END IF;
        v_loan.principal := p_principal;
        -- It has a schedule.
        PERFORM FROM lending.preview_loan_schedule(v_loan);
    END IF;
    UPDATE lending.loans AS l
    SET status = 'approved',
        principal = v_loan.principal,
        decided_on = p_approved_on,
        decided_by = core.current_actor(),
        decision_reason = p_reason
    WHERE l.tenant_id = p_tenant_id AND l.id = p_loan_id;
END;
$$;
COMMENT ON FUNCTION lending.approve_loan(uuid, numeric, date, text, integer) IS
'Approves an application; p_principal, at most what was requested, NULL: all of it; p_approved_on '
'NULL: today. Needs lending.approve, and another user than the loan''s officer and the one who '
'entered it. Raises ZI001 to ZI004, ZI009 to ZI011 (token, permission), ZO010 (no such loan), '
'ZO031 (it is not to be decided), ZO032 (officer, or entered it), ZO003 (less than the product '
'allows), ZO038 (more than requested), ZO039 (before the application), 22023 (p_principal; the '
'terms make no schedule of it), 23514 (p_reason is empty or too long).';
