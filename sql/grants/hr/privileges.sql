-- Who may do what in hr: reading, then what is called.
-- reapply: migrations
DO $do$
BEGIN
    PERFORM core.reset_privileges('hr');
END;
$do$;

GRANT EXECUTE ON FUNCTION
hr.create_department(text, text, text, text, integer),
hr.set_department_manager(text, text, text, integer),
hr.hire_employee(
    text, text, text, text, date, numeric, text, text, text, jsonb, integer
),
hr.transfer_employee(text, text, text, date, text, text, text, integer, integer),
hr.change_salary(text, text, numeric, date, text, text, integer, integer),
hr.start_leave(text, text, date, text, integer, integer),
hr.end_leave(text, text, date, text, integer, integer),
hr.terminate_employee(text, text, date, text, integer, integer),
hr.rename_employee(text, text, text, text, integer, integer),
hr.set_employee_numbers(text, text, jsonb, integer, integer)
TO pgerp_app;

DO $do$
BEGIN
    PERFORM core.grant_services('hr');
END;
$do$;
