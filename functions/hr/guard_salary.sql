-- A salary is of the time of employment, and what was earned stays on record.
CREATE OR REPLACE FUNCTION hr.guard_salary()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_employee hr.employees;
BEGIN
    IF TG_OP = 'DELETE' OR TG_OP = 'UPDATE' AND (
        NEW.tenant_id, NEW.business_id, NEW.employee_id, NEW.effective_from, NEW.currency_code
    ) IS DISTINCT FROM (
        OLD.tenant_id, OLD.business_id, OLD.employee_id, OLD.effective_from, OLD.currency_code
    ) THEN
        RAISE EXCEPTION 'a salary on record neither goes nor moves'
        USING ERRCODE = 'ZH005',
            HINT = 'Correct its amount, or have another from another day on: hr.change_salary.';
    END IF;
    SELECT e.* INTO v_employee
    FROM hr.employees AS e
    WHERE e.tenant_id = NEW.tenant_id AND e.id = NEW.employee_id;
    IF NEW.effective_from < v_employee.hired_on
        OR NEW.effective_from > coalesce(v_employee.terminated_on, 'infinity')
    THEN
        RAISE EXCEPTION 'employee % is not employed on %', v_employee.employee_no,
            NEW.effective_from
        USING ERRCODE = 'ZH004',
            DETAIL = format(
                'Employed from %s to %s.', v_employee.hired_on,
                coalesce(v_employee.terminated_on::text, 'now')
            ),
            HINT = 'Use a day of the employment.';
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION hr.guard_salary() IS
'Trigger (before insert, update or delete of hr.salaries, each row). Raises ZH004 (not a day of '
'the employment), ZH005 (it would go, or be another''s or of another day or currency).';
