-- Have the payment schedule of a loan on record.
CREATE OR REPLACE FUNCTION lending.generate_payment_schedule(
    p_loan_id uuid,
    p_tenant_id integer DEFAULT NULL
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_loan lending.loans;
    v_schedule lending.schedules;
    v_planned lending.instalments[];
    v_stored lending.instalments[];
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.originate');
    v_loan := lending.lock_loan(p_tenant_id, p_loan_id);
    IF v_loan.disbursed_on IS NOT NULL THEN
        PERFORM lending.restate(p_tenant_id, p_loan_id);
        SELECT s.* INTO STRICT v_schedule
        FROM lending.loan_balances AS b
        INNER JOIN lending.schedules AS s
            ON s.tenant_id = b.tenant_id AND s.id = b.schedule_id
        WHERE b.tenant_id = p_tenant_id AND b.loan_id = p_loan_id;
        RETURN v_schedule.version_no;
    END IF;
    PERFORM lending.require_status(v_loan, '{applied, approved}');
    v_planned := lending.planned_instalments(v_loan);
    SELECT s.* INTO v_schedule
    FROM lending.schedules AS s
    WHERE s.tenant_id = p_tenant_id AND s.loan_id = p_loan_id
    ORDER BY s.version_no DESC
    LIMIT 1;
    SELECT array_agg(i ORDER BY i.instalment_no) INTO v_stored
    FROM lending.instalments AS i
    WHERE i.tenant_id = p_tenant_id AND i.schedule_id = v_schedule.id;
    IF v_schedule.effective_on = v_loan.expected_disbursement_on
        AND v_schedule.annual_rate_percent = v_loan.annual_rate_percent
        AND (
            SELECT jsonb_agg(to_jsonb(i) - 'schedule_id' ORDER BY i.instalment_no)
            FROM unnest(v_planned) AS i
        ) = (
            SELECT jsonb_agg(to_jsonb(i) - 'schedule_id' ORDER BY i.instalment_no)
            FROM unnest(v_stored) AS i
        )
    THEN
        RETURN v_schedule.version_no;
    END IF;
    UPDATE lending.schedules AS s
    SET is_live = false
    WHERE s.tenant_id = p_tenant_id AND s.id = v_schedule.id AND s.is_live;
    INSERT INTO lending.schedules (
        tenant_id, business_id, loan_id, version_no, reason, effective_on, annual_rate_percent
    )
    VALUES (
        p_tenant_id, v_loan.business_id, p_loan_id, coalesce(v_schedule.version_no, 0) + 1,
        'planned', v_loan.expected_disbursement_on, v_loan.annual_rate_percent
    )
    RETURNING * INTO v_schedule;
    INSERT INTO lending.instalments (
        tenant_id, schedule_id, instalment_no, business_id, loan_id, starts_on, due_date, days,
        principal, interest, fees, balance, interest_before, principal_to_date, interest_to_date,
        fees_to_date
    )
    SELECT
        i.tenant_id,
        v_schedule.id,
        i.instalment_no,
        i.business_id,
        i.loan_id,
        i.starts_on,
        i.due_date,
        i.days,
        i.principal,
        i.interest,
        i.fees,
        i.balance,
        i.interest_before,
        i.principal_to_date,
        i.interest_to_date,
        i.fees_to_date
    FROM unnest(v_planned) AS i;
    RETURN v_schedule.version_no;
END;
$$;
COMMENT ON FUNCTION lending.generate_payment_schedule(uuid, integer) IS
'Stores the payment schedule of a loan (lending.schedules, lending.instalments) and returns the '
'number of its version. Before the loan is paid out: by its terms and fees, as if all of it were '
'paid out on the expected day; the same terms again: the same version, other terms: a further one, '
'and the one before stays on record. After that: the version that is in force. Needs '
'lending.originate. Raises ZI001 to ZI004, ZI009 to ZI011 (token, permission), ZO010 (no such '
'loan), ZO031 (it is rejected).';
