-- After a restore: hr's own rows become what hr's events say, which others had kept.
CREATE OR REPLACE FUNCTION hr.take_back(p_tenant_id integer)
RETURNS SETOF text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
SET role = 'pgerp_owner'
AS $$
DECLARE
    v_event events.event_store;
    v_employee record;
    v_taken text[] := ARRAY[]::text[];
    v_untold text[] := ARRAY[]::text[];
    v_failed jsonb := '{}'::jsonb;
    v_departments uuid[];
BEGIN
    PERFORM events.enter(p_tenant_id, session_user::text);
    v_departments := ARRAY(
        SELECT d.id FROM hr.departments AS d WHERE d.tenant_id = p_tenant_id
    );
    FOR v_employee IN SELECT o.* FROM hr.restate_overtaken(p_tenant_id) AS o LOOP
        RETURN NEXT format(
            'employee %s was changed after the restore, and stays as hr has it now, version %s;'
            ' what the events of version %s and later say besides has to be done again',
            v_employee.employee_no, v_employee.version, v_employee.first_version
        );
    END LOOP;
    FOR v_event IN
        SELECT v.*
        FROM events.event_store AS v
        LEFT JOIN hr.employees AS e ON e.tenant_id = p_tenant_id AND e.id::text = v.aggregate_id
        WHERE v.tenant_id = p_tenant_id
            AND v.aggregate_type = 'employee'
            AND (v.payload ->> 'version')::integer > coalesce(e.version, 0)
        ORDER BY v.id
    LOOP
        BEGIN
            PERFORM events.enter(p_tenant_id, v_event.actor, v_event.correlation_id);
            PERFORM hr.apply_event(v_event);
            v_taken := v_taken || (v_event.payload ->> 'employee_no');
            IF v_event.event_type IN ('hr.employee_hired', 'hr.employee_numbers_changed') THEN
                v_untold := v_untold || (v_event.payload ->> 'employee_no');
            END IF;
        EXCEPTION
            WHEN OTHERS THEN
                v_failed := v_failed || jsonb_build_object(
                    v_event.aggregate_id,
                    jsonb_build_array(v_event.payload -> 'employee_no', SQLERRM, SQLSTATE)
                );
        END;
    END LOOP;
    PERFORM events.enter(p_tenant_id, session_user::text);
    IF v_taken <> '{}' THEN
        RETURN NEXT format(
            '%s events of %s employees taken back; reasons of changes and of salaries, and who'
            ' leads a department, are not in events',
            cardinality(v_taken), (SELECT count(DISTINCT t.no) FROM unnest(v_taken) AS t (no))
        );
    END IF;
    IF v_untold <> '{}' THEN
        RETURN NEXT format(
            'sensitive numbers are in no event: set those of %s again (hr.set_employee_numbers)',
            (SELECT string_agg(DISTINCT u.no, ', ' ORDER BY u.no) FROM unnest(v_untold) AS u (no))
        );
    END IF;
    RETURN QUERY
    SELECT format(
        'department %s made again as the events have it; set who leads it'
        ' (hr.set_department_manager)', d.code
    )
    FROM hr.departments AS d
    WHERE d.tenant_id = p_tenant_id AND d.id <> ALL (v_departments)
    ORDER BY d.code;
    RETURN QUERY
    SELECT format(
        'employee %s cannot be taken back: %s (%s); mend that and resync again',
        f.value ->> 0, f.value ->> 1, f.value ->> 2
    )
    FROM jsonb_each(v_failed) AS f
    LEFT JOIN hr.employees AS e ON e.tenant_id = p_tenant_id AND e.id::text = f.key
    WHERE e.version IS DISTINCT FROM hr.latest_version(p_tenant_id, f.key::uuid)
    ORDER BY f.value ->> 0;
END;
$$;
COMMENT ON FUNCTION hr.take_back(integer) IS
'Makes employees, their salaries, history and departments of a tenant what the events say that hr '
'emitted and lost in a restore, one event after the other, as who emitted each. An employee who '
'was changed since the restore is left as hr has it, and hr.employee_restated says so to all '
'others. What cannot be taken back is left out. Returns what was done and what a person has to do, '
'one sentence a row; none: nothing was lost. For operators (pgerp services resync): needs a member '
'of pgerp_owner. Raises 42501 (not a member).';
