-- Whom hr changed after a restore, before the events of the lost time were back: hr's row holds.
CREATE OR REPLACE FUNCTION hr.restate_overtaken(p_tenant_id integer)
RETURNS TABLE (employee_no text, first_version integer, version integer)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_overtaken record;
BEGIN
    FOR v_overtaken IN
        SELECT
            e.id,
            e.employee_no,
            t.first_version,
            t.last_version
        FROM (
            SELECT
                n.aggregate_id,
                min(n.version) FILTER (WHERE n.events > 1) AS first_version,
                max(n.version) FILTER (WHERE n.events > 1) AS twice,
                max(n.version) AS last_version,
                max(n.version) FILTER (WHERE n.is_restated) AS restated
            FROM (
                SELECT
                    v.aggregate_id,
                    (v.payload ->> 'version')::integer AS version,
                    count(*) AS events,
                    bool_or(v.event_type = 'hr.employee_restated') AS is_restated
                FROM events.event_store AS v
                WHERE v.tenant_id = p_tenant_id AND v.aggregate_type = 'employee'
                GROUP BY v.aggregate_id, 2
            ) AS n
            GROUP BY n.aggregate_id
        ) AS t
        INNER JOIN hr.employees AS e
            ON e.tenant_id = p_tenant_id AND e.id::text = t.aggregate_id
        WHERE t.twice > coalesce(t.restated, 0)
        ORDER BY e.id
        FOR NO KEY UPDATE OF e
    LOOP
        PERFORM hr.raise_version(p_tenant_id, v_overtaken.id, v_overtaken.last_version + 1);
        employee_no := v_overtaken.employee_no;
        first_version := v_overtaken.first_version;
        version := hr.emit_employee(p_tenant_id, v_overtaken.id, 'hr.employee_restated');
        RETURN NEXT;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION hr.restate_overtaken(integer) IS
'Finds employees of whom two events say the same version: one of a time that hr lost, one of what '
'was done after it was restored. Whoever hears of both knows the first. The row stays as it is and '
'gets a version above all that was ever said, and hr.employee_restated tells everybody. Returns '
'the first version that was said twice, and the new one. Internal: for hr.take_back.';
