-- Which states follow which, and that time goes on.
CREATE OR REPLACE FUNCTION hr.guard_employee()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'employee % stays on record', OLD.employee_no
        USING ERRCODE = 'ZH005',
            HINT = 'See hr.terminate_employee.';
    END IF;
    IF (NEW.tenant_id, NEW.id, NEW.business_id, NEW.employee_no, NEW.hired_on)
        IS DISTINCT FROM (OLD.tenant_id, OLD.id, OLD.business_id, OLD.employee_no, OLD.hired_on)
    THEN
        RAISE EXCEPTION 'key, business, number and hiring of employee % do not change',
            OLD.employee_no
        USING ERRCODE = 'ZH005',
            HINT = 'Terminate the employee, and hire under another number.';
    END IF;
    IF OLD.status = 'terminated'
        AND (NEW.status, NEW.department_id, NEW.title, NEW.manager_id, NEW.terminated_on)
        IS DISTINCT FROM
        (OLD.status, OLD.department_id, OLD.title, OLD.manager_id, OLD.terminated_on)
    THEN
        RAISE EXCEPTION 'employee % is terminated', OLD.employee_no
        USING ERRCODE = 'ZH003',
            DETAIL = format('The last day is %s.', OLD.terminated_on),
            HINT = 'The end is final: hire under another number.';
    END IF;
    IF NEW.effective_on < OLD.effective_on THEN
        RAISE EXCEPTION 'employee % was changed after %', OLD.employee_no, NEW.effective_on
        USING ERRCODE = 'ZH004',
            DETAIL = format('The present state holds since %s.', OLD.effective_on),
            HINT = 'Use that day or a later one.';
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION hr.guard_employee() IS
'Trigger (before update or delete of hr.employees, each row). Raises ZH003 (terminated), ZH004 '
'(before the last change), ZH005 (key, business, number or hiring would change, or the row go).';
