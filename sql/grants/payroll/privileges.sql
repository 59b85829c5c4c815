-- Who may do what in payroll: reading, then what is called.
-- reapply: migrations
DO $do$
BEGIN
    PERFORM core.reset_privileges('payroll');
END;
$do$;

GRANT EXECUTE ON FUNCTION
payroll.create_calendar(text, text, text, text, text, date, numeric, integer),
payroll.enrol_employee(text, text, text, text, integer),
payroll.set_opening_balance(text, text, integer, numeric, numeric, jsonb, integer),
payroll.create_run(text, text, date, date, integer),
payroll.add_run_item(text, text, text, text, text, text, numeric, text, integer),
payroll.remove_run_item(text, text, text, text, text, text, integer),
payroll.calculate_run(text, text, text, integer),
payroll.approve_run(text, text, text, integer),
payroll.process_run(text, text, text, integer),
payroll.pay_run(text, text, text, date, integer),
payroll.reverse_record(text, text, text, text, text, date, integer),
payroll.run_summaries(text, date, date, integer)
TO pgerp_app;

-- What checks call.
GRANT EXECUTE ON FUNCTION
payroll.cache_offenders(),
payroll.record_sums(integer, uuid)
TO pgerp_backup;

DO $do$
BEGIN
    PERFORM core.grant_services('payroll');
END;
$do$;
