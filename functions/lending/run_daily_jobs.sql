-- All daily jobs of lending.
CREATE OR REPLACE PROCEDURE lending.run_daily_jobs(
    p_business_code text DEFAULT NULL,
    p_through date DEFAULT NULL,
    INOUT p_count bigint DEFAULT NULL,
    p_default_days integer DEFAULT 90,
    p_reminder_days integer[] DEFAULT '{1, 7, 30}',
    p_template text DEFAULT 'loan_overdue',
    p_tenant_id integer DEFAULT NULL
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_done record;
    v_message text;
    v_hint text;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.run_jobs');
    PERFORM lending.require_days(p_reminder_days || p_default_days);
    v_done := lending.run_days(p_tenant_id, p_business_code, p_through, true);
    PERFORM lending.default_loans(p_tenant_id, v_done.loan_ids, p_default_days);
    p_count := v_done.counted;
    -- How reminders are worded does not hold up the books.
    BEGIN
        PERFORM lending.queue_overdue_messages(
            p_tenant_id, v_done.loan_ids, p_reminder_days, p_template
        );
    EXCEPTION
        WHEN SQLSTATE 'ZM001' OR SQLSTATE 'ZM003' THEN
            GET STACKED DIAGNOSTICS v_message = MESSAGE_TEXT, v_hint = PG_EXCEPTION_HINT;
            RAISE WARNING 'no borrower was reminded: %', v_message
            USING ERRCODE = SQLSTATE, HINT = v_hint;
    END;
END;
$$;
COMMENT ON PROCEDURE
lending.run_daily_jobs(text, date, bigint, integer, integer[], text, integer) IS  -- noqa: LT01
'All that is to be done once a day for the loans of a business (NULL: of all businesses of the '
'token): counts and provisions each day that was missed through p_through (NULL: today), marks as '
'defaulted what is more than p_default_days past due, and reminds borrowers as '
'lending.send_overdue_loan_notifications does; where the template is not there or asks for '
'another value, it warns (ZM001, ZM003) and does all the rest. One transaction, safe to run '
'again, or late. p_count: how many days of loans were counted. Needs lending.run_jobs. Raises '
'ZI001 to ZI007, ZI009 to ZI011 (token, business, permission), ZO050 (p_through is still to '
'come), 22023 (a number of days is not from 1 to 36600), and what posting the events raises.';
