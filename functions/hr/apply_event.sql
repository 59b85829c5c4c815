-- Have hr's own rows say of an employee what an event says that hr emitted and then lost.
CREATE OR REPLACE FUNCTION hr.apply_event(p_event events.event_store)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_new hr.employees := jsonb_populate_record(NULL::hr.employees, p_event.payload);
    v_id uuid := (p_event.payload ->> 'employee_id')::uuid;
    v_version integer;
    v_reason text := format(
        'Taken back from event %s of %s', p_event.id,
        to_char(p_event.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"')
    );
BEGIN
    v_new.department_id := hr.restore_department(p_event);
    IF p_event.payload ? 'manager_no' THEN
        SELECT e.id INTO v_new.manager_id
        FROM hr.employees AS e
        WHERE e.tenant_id = p_event.tenant_id
            AND e.business_id = p_event.business_id
            AND e.employee_no = p_event.payload ->> 'manager_no';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no such employee: %', p_event.payload ->> 'manager_no'
            USING ERRCODE = 'ZH001',
                HINT = 'The manager was not taken back either.';
        END IF;
    END IF;
    SELECT e.version INTO v_version
    FROM hr.employees AS e
    WHERE e.tenant_id = p_event.tenant_id AND e.id = v_id
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        INSERT INTO hr.employees (
            tenant_id, id, business_id, employee_no, name, title, department_id, manager_id, status,
            hired_on, terminated_on, effective_on, change_reason
        )
        VALUES (
            p_event.tenant_id, v_id, p_event.business_id, v_new.employee_no, v_new.name,
            v_new.title, v_new.department_id, v_new.manager_id, v_new.status, v_new.hired_on,
            v_new.terminated_on, v_new.effective_on, v_reason
        );
    END IF;
    -- What is there already is left alone: it may lie after the last day by now.
    INSERT INTO hr.salaries AS s (
        tenant_id, business_id, employee_id, effective_from, amount, unit, currency_code, reason
    )
    SELECT
        p_event.tenant_id,
        p_event.business_id,
        v_id,
        n.effective_from,
        n.amount,
        n.unit,
        n.currency_code,
        v_reason
    FROM jsonb_populate_recordset(NULL::hr.salaries, p_event.payload -> 'salaries') AS n
    WHERE NOT EXISTS (
        SELECT FROM hr.salaries AS o
        WHERE o.tenant_id = p_event.tenant_id
            AND o.employee_id = v_id
            AND (o.effective_from, o.amount, o.unit) = (n.effective_from, n.amount, n.unit)
    )
    ON CONFLICT (tenant_id, employee_id, effective_from) DO UPDATE
    SET
        amount = excluded.amount,
        unit = excluded.unit,
        reason = excluded.reason;
    IF v_version IS NULL THEN
        PERFORM hr.raise_version(p_event.tenant_id, v_id, v_new.version);
        RETURN;
    END IF;
    -- The update itself makes it the version of the event.
    PERFORM hr.raise_version(p_event.tenant_id, v_id, v_new.version - 1);
    UPDATE hr.employees AS e
    SET
        name = v_new.name,
        title = v_new.title,
        department_id = v_new.department_id,
        manager_id = v_new.manager_id,
        status = v_new.status,
        terminated_on = v_new.terminated_on,
        effective_on = v_new.effective_on,
        change_reason = v_reason
    WHERE e.tenant_id = p_event.tenant_id AND e.id = v_id AND e.version < v_new.version;
END;
$$;
COMMENT ON FUNCTION hr.apply_event(events.event_store) IS
'Makes an employee and the salaries what an event of hr says, with its version; history is written '
'by the trigger, and its reason names the event. What is of a later version stays. Internal: for '
'hr.take_back. Raises ZH001 (no such manager), ZH002 (no such department), 23505 (the number is '
'another''s) and what the triggers raise.';
