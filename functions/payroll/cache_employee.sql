-- What hr says of an employee is what payroll knows, unless it knows later things already.
CREATE OR REPLACE FUNCTION payroll.cache_employee(p_event events.event_store)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_new payroll.employee_cache := jsonb_populate_record(
        NULL::payroll.employee_cache, p_event.payload
    );
BEGIN
    INSERT INTO payroll.employee_cache AS c (
        tenant_id, employee_id, business_id, employee_no, name, title, department_code,
        manager_no, status, hired_on, terminated_on, version
    )
    VALUES (
        p_event.tenant_id, v_new.employee_id, p_event.business_id, v_new.employee_no, v_new.name,
        v_new.title, v_new.department_code, v_new.manager_no, v_new.status, v_new.hired_on,
        v_new.terminated_on, v_new.version
    )
    -- What never changes is left out: with a column of a key, an update would lock the row against
    -- the foreign keys of a calculation, and each could wait for the other.
    ON CONFLICT (tenant_id, employee_id) DO UPDATE
    SET
        name = excluded.name,
        title = excluded.title,
        department_code = excluded.department_code,
        manager_no = excluded.manager_no,
        status = excluded.status,
        terminated_on = excluded.terminated_on,
        version = excluded.version
    WHERE c.version < excluded.version;
    IF NOT FOUND THEN
        RETURN jsonb_build_object('version', v_new.version, 'is_late', true);
    END IF;
    DELETE FROM payroll.salary_cache AS s
    WHERE s.tenant_id = p_event.tenant_id AND s.employee_id = v_new.employee_id;
    INSERT INTO payroll.salary_cache (
        tenant_id, business_id, employee_id, effective_from, amount, unit, currency_code
    )
    SELECT
        p_event.tenant_id,
        p_event.business_id,
        v_new.employee_id,
        (s.item ->> 'effective_from')::date,
        (s.item ->> 'amount')::numeric,
        s.item ->> 'unit',
        s.item ->> 'currency_code'
    FROM jsonb_array_elements(p_event.payload -> 'salaries') AS s (item);
    RETURN jsonb_build_object('version', v_new.version);
END;
$$;
COMMENT ON FUNCTION payroll.cache_employee(events.event_store) IS
'Handler of the events hr.employee_…: makes payroll.employee_cache and salary_cache what the event '
'says, unless they are of a later version. Returns the version, and is_late where it was left out. '
'Internal.';
