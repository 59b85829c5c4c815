-- Leave begins for who is active, and ends for who is on leave.
CREATE OR REPLACE FUNCTION hr.require_status(
    p_employee hr.employees,
    p_allowed hr.employment_status[]
)
RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_employee.status <> ALL (p_allowed) THEN
        RAISE EXCEPTION 'employee % is %', p_employee.employee_no, p_employee.status
        USING ERRCODE = 'ZH003',
            DETAIL = format('Since %s.', p_employee.effective_on),
            HINT = 'Leave begins for who is active and ends for who is on leave; the end is final.';
    END IF;
END;
$$;
COMMENT ON FUNCTION hr.require_status(hr.employees, hr.employment_status[]) IS
'Internal. Raises ZH003 unless the employee has one of the states.';
