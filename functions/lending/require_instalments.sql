-- Terms change for instalments that are to come.
CREATE OR REPLACE FUNCTION lending.require_instalments(p_loan lending.loans, p_day date)
RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_schedule_id uuid;
    v_last_due_on date;
BEGIN
    SELECT s.id INTO v_schedule_id
    FROM lending.schedules AS s
    WHERE s.tenant_id = p_loan.tenant_id
        AND s.loan_id = p_loan.id
        AND s.is_live
        AND s.effective_on <= p_day
    ORDER BY s.effective_on DESC, s.version_no DESC
    LIMIT 1;
    SELECT max(i.due_date) INTO v_last_due_on
    FROM lending.instalments AS i
    WHERE i.tenant_id = p_loan.tenant_id AND i.schedule_id = v_schedule_id;
    IF (v_last_due_on > p_day) IS NOT true THEN
        RAISE EXCEPTION 'loan % has no instalment after %', p_loan.loan_no, p_day
        USING ERRCODE = 'ZO041',
            DETAIL = format('The last is due on %s.', coalesce(v_last_due_on::text, 'no day')),
            HINT = 'Spread what is owed anew, with lending.reschedule_loan.';
    END IF;
END;
$$;
COMMENT ON FUNCTION lending.require_instalments(lending.loans, date) IS
'Raises ZO041 unless an instalment of the schedule in force on p_day is due later. Internal.';
