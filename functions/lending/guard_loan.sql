-- Which statuses of a loan follow which, and what of it stays.
CREATE OR REPLACE FUNCTION lending.guard_loan()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'applied' THEN
            RAISE EXCEPTION 'a new loan is applied for'
            USING ERRCODE = 'ZO031',
                HINT = 'See lending.apply_for_loan, lending.approve_loan, lending.disburse_loan.';
        END IF;
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'loan % stays on record', OLD.loan_no
        USING ERRCODE = 'ZO030',
            HINT = 'What will not be lent is rejected, by lending.reject_loan.';
    END IF;
    IF NEW.status <> OLD.status AND NEW.status <> ALL (CASE OLD.status
        WHEN 'applied' THEN '{approved, rejected}'
        WHEN 'approved' THEN '{rejected, active}'
        WHEN 'rejected' THEN '{}'
        -- What was lent stays lent; among these, what was paid and taken back decides.
        ELSE '{active, restructured, defaulted, overpaid, closed, written_off}'
    END::lending.loan_status[])
    THEN
        RAISE EXCEPTION 'loan % is % and cannot be %', OLD.loan_no, OLD.status, NEW.status
        USING ERRCODE = 'ZO031',
            HINT = 'A loan is applied for, approved or rejected, and paid out, in this order.';
    END IF;
    IF (
        NEW.tenant_id, NEW.id, NEW.business_id, NEW.loan_no, NEW.customer_id, NEW.product_id,
        NEW.currency_code, NEW.minor_units, NEW.applied_on, NEW.requested_principal
    ) IS DISTINCT FROM (
        OLD.tenant_id, OLD.id, OLD.business_id, OLD.loan_no, OLD.customer_id, OLD.product_id,
        OLD.currency_code, OLD.minor_units, OLD.applied_on, OLD.requested_principal
    ) THEN
        RAISE EXCEPTION 'what loan % is, and whose, stays', OLD.loan_no
        USING ERRCODE = 'ZO033',
            HINT = 'Reject it, and apply for another.';
    END IF;
    IF OLD.status <> 'applied' AND (
        NEW.principal, NEW.annual_rate_percent, NEW.instalments, NEW.every, NEW.frequency,
        NEW.method, NEW.interest_calculation, NEW.day_count, NEW.grace_principal,
        NEW.grace_interest, NEW.interest_free, NEW.round_to, NEW.rounding,
        NEW.penalty_rate_percent, NEW.penalty_grace_days, NEW.penalty_cap_percent,
        NEW.allocation_order, NEW.allocate_by, NEW.prepayment
    ) IS DISTINCT FROM (
        OLD.principal, OLD.annual_rate_percent, OLD.instalments, OLD.every, OLD.frequency,
        OLD.method, OLD.interest_calculation, OLD.day_count, OLD.grace_principal,
        OLD.grace_interest, OLD.interest_free, OLD.round_to, OLD.rounding,
        OLD.penalty_rate_percent, OLD.penalty_grace_days, OLD.penalty_cap_percent,
        OLD.allocation_order, OLD.allocate_by, OLD.prepayment
    ) THEN
        RAISE EXCEPTION 'the terms of loan % are decided', OLD.loan_no
        USING ERRCODE = 'ZO033',
            HINT = 'Use lending.reschedule_loan, lending.change_loan_rate or lending.extend_loan.';
    ELSIF OLD.disbursed_on IS NOT NULL AND (
        NEW.disbursed_on, NEW.expected_disbursement_on, NEW.first_due_on
    ) IS DISTINCT FROM (OLD.disbursed_on, OLD.expected_disbursement_on, OLD.first_due_on) THEN
        RAISE EXCEPTION 'loan % was paid out on %, and that stays', OLD.loan_no, OLD.disbursed_on
        USING ERRCODE = 'ZO033',
            HINT = 'Use lending.reschedule_loan to have other due dates.';
    END IF;
    IF NEW.status <> OLD.status AND NEW.status IN ('approved', 'rejected') THEN
        -- Nobody is named as having decided but who does.
        IF NEW.decided_by <> core.current_actor() THEN
            RAISE EXCEPTION 'loan % is decided by who does it', OLD.loan_no
            USING ERRCODE = 'ZO032',
                HINT = 'Use lending.approve_loan and lending.reject_loan.';
        END IF;
    ELSIF (NEW.decided_on, NEW.decided_by) IS DISTINCT FROM (OLD.decided_on, OLD.decided_by)
        -- Which is what party.anonymise makes of it.
        OR (
            NEW.decision_reason IS DISTINCT FROM OLD.decision_reason
            AND NEW.decision_reason IS DISTINCT FROM 'Anonymised'
        )
    THEN
        RAISE EXCEPTION 'the decision about loan % stays', OLD.loan_no
        USING ERRCODE = 'ZO033',
            HINT = 'An approved loan that is not paid out may be rejected, by lending.reject_loan.';
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION lending.guard_loan() IS
'Trigger (before insert, update or delete of lending.loans, each row). From applied to approved or '
'rejected, from approved to rejected or active; a loan that was paid out is active, restructured, '
'defaulted, overpaid, closed or written off as its transactions have it, and never anything else '
'again. Raises ZO030 (a loan would go), ZO031 (status out of turn), ZO032 (decided in another''s '
'name), ZO033 (what it is, its terms once decided, when it was paid out, or the decision would '
'change).';
