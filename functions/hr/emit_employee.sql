-- Say what happened to an employee, with all that others need to know of the employee now.
CREATE OR REPLACE FUNCTION hr.emit_employee(
    p_tenant_id integer,
    p_employee_id uuid,
    p_event_type text
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business_id integer;
    v_payload jsonb;
    v_told integer := hr.latest_version(p_tenant_id, p_employee_id);
BEGIN
    SELECT
        e.business_id,
        jsonb_strip_nulls(jsonb_build_object(
            'employee_id', e.id,
            'version', e.version,
            'employee_no', e.employee_no,
            'name', e.name,
            'title', e.title,
            'department_code', d.code,
            'department_name', d.name,
            'department_budget_code', d.budget_code,
            'manager_no', m.employee_no,
            'status', e.status,
            'hired_on', e.hired_on,
            'terminated_on', e.terminated_on,
            'effective_on', e.effective_on,
            'salaries', s.salaries
        ))
    INTO STRICT v_business_id, v_payload
    FROM hr.employees AS e
    INNER JOIN hr.departments AS d ON d.tenant_id = e.tenant_id AND d.id = e.department_id
    LEFT JOIN hr.employees AS m ON m.tenant_id = e.tenant_id AND m.id = e.manager_id
    CROSS JOIN LATERAL (
        SELECT jsonb_agg(
            jsonb_build_object(
                'effective_from', s.effective_from,
                'amount', s.amount,
                'unit', s.unit,
                'currency_code', s.currency_code
            )
            ORDER BY s.effective_from
        ) AS salaries
        FROM hr.salaries AS s
        WHERE s.tenant_id = e.tenant_id AND s.employee_id = e.id
    ) AS s
    WHERE e.tenant_id = p_tenant_id AND e.id = p_employee_id;
    -- Whoever hears of it would take it for what was said before, and leave it out.
    IF v_told >= (v_payload ->> 'version')::integer THEN
        RAISE EXCEPTION 'employee % has been of version % already', v_payload ->> 'employee_no',
            v_payload ->> 'version'
        USING ERRCODE = 'ZH007',
            DETAIL = format(
                'Events tell of version %s: this database was restored from before it.', v_told
            ),
            HINT = 'Have hr take back what it lost: pgerp services resync, or hr.take_back.';
    END IF;
    PERFORM events.emit(
        p_tenant_id, p_event_type, p_employee_id::text, v_payload, v_business_id
    );
    RETURN (v_payload ->> 'version')::integer;
END;
$$;
COMMENT ON FUNCTION hr.emit_employee(integer, uuid, text) IS
'Emits an event of an employee whose payload is the whole present state, salaries included, and '
'returns the employee''s version. Internal. Raises ZH007 (an event tells of that version already), '
'and what events.emit and the handlers raise.';
