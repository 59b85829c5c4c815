-- Daily job: borrowers are reminded of what is overdue.
CREATE OR REPLACE PROCEDURE lending.send_overdue_loan_notifications(
    p_business_code text DEFAULT NULL,
    p_through date DEFAULT NULL,
    INOUT p_count bigint DEFAULT NULL,
    p_days integer[] DEFAULT '{1, 7, 30}',
    p_template text DEFAULT 'loan_overdue',
    p_tenant_id integer DEFAULT NULL
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_done record;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.run_jobs');
    PERFORM lending.require_days(p_days);
    v_done := lending.run_days(p_tenant_id, p_business_code, p_through);
    p_count := lending.queue_overdue_messages(p_tenant_id, v_done.loan_ids, p_days, p_template);
END;
$$;
COMMENT ON PROCEDURE
lending.send_overdue_loan_notifications(  -- noqa: LT01
    text, date, bigint, integer[], text, integer  -- noqa: LT01
) IS
'Counts days as lending.accrue_interest does, and queues a message by p_template to the borrower '
'of each loan that is past due by one of p_days or more: one for each of these numbers, the '
'highest that was reached where the job runs late. The template may use {{name}}, {{loan_no}}, '
'{{amount}}, {{day}} and {{days}}. What the borrower objected to is not sent (docs/messaging.md). '
'p_count: how many were queued. Needs lending.run_jobs. Raises what that raises, 22023 (p_days '
'are not all from 1 to 36600), ZM001 (no active template), ZM003 (the template asks for another '
'value).';
