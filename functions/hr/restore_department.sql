-- The department that an event of hr names, made again if it was lost.
CREATE OR REPLACE FUNCTION hr.restore_department(p_event events.event_store)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_id uuid;
BEGIN
    SELECT d.id INTO v_id
    FROM hr.departments AS d
    WHERE d.tenant_id = p_event.tenant_id
        AND d.business_id = p_event.business_id
        AND d.code = p_event.payload ->> 'department_code';
    IF v_id IS NULL AND p_event.payload ? 'department_name' THEN
        INSERT INTO hr.departments AS d (tenant_id, business_id, code, name, budget_code)
        VALUES (
            p_event.tenant_id, p_event.business_id, p_event.payload ->> 'department_code',
            p_event.payload ->> 'department_name', p_event.payload ->> 'department_budget_code'
        )
        RETURNING d.id INTO v_id;
    ELSIF v_id IS NULL THEN
        RAISE EXCEPTION 'no such department: %', p_event.payload ->> 'department_code'
        USING ERRCODE = 'ZH002',
            DETAIL = 'The event is from before events named more of it than the code.',
            HINT = 'Make it with hr.create_department, and call hr.take_back again.';
    END IF;
    RETURN v_id;
END;
$$;
COMMENT ON FUNCTION hr.restore_department(events.event_store) IS
'The id of the department that an event names; it is made, with name and budget but nobody who '
'leads it, where it is not there. Internal: for hr.apply_event. Raises ZH002 (it is not there, and '
'the event does not have its name).';
