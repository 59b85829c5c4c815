-- What an employee was and is, kept with every change.
CREATE OR REPLACE FUNCTION hr.log_employee()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO hr.employee_history (
        tenant_id, business_id, employee_id, version, effective_on, old_status, new_status,
        old_department_id, new_department_id, old_title, new_title, old_manager_id,
        new_manager_id, reason, changed_at, changed_by
    )
    VALUES (
        NEW.tenant_id, NEW.business_id, NEW.id, NEW.version, NEW.effective_on,
        CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END, NEW.status,
        CASE WHEN TG_OP = 'UPDATE' THEN OLD.department_id END, NEW.department_id,
        CASE WHEN TG_OP = 'UPDATE' THEN OLD.title END, NEW.title,
        CASE WHEN TG_OP = 'UPDATE' THEN OLD.manager_id END, NEW.manager_id,
        NEW.change_reason, NEW.last_modified_at, NEW.last_modified_by
    );
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION hr.log_employee() IS
'Trigger (after insert or update of hr.employees, each row): writes hr.employee_history.';
