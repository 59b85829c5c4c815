-- Nobody reports to oneself, however many managers there are between.
CREATE OR REPLACE FUNCTION hr.guard_reporting_line()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_above uuid := NEW.manager_id;
    v_line uuid[] := ARRAY[NEW.id];
BEGIN
    WHILE v_above IS NOT NULL LOOP
        IF v_above = ANY (v_line) THEN
            RAISE EXCEPTION 'employee % would report to a manager who reports to the same line',
                NEW.employee_no
            USING ERRCODE = 'ZH006',
                DETAIL = (
                    SELECT format(
                        'The line is %s.', string_agg(e.employee_no, ', ' ORDER BY l.place)
                    )
                    FROM unnest(v_line || v_above) WITH ORDINALITY AS l (id, place)
                    INNER JOIN hr.employees AS e ON e.tenant_id = NEW.tenant_id AND e.id = l.id
                ),
                HINT = 'Give one of them another manager first.';
        END IF;
        v_line := v_line || v_above;
        IF TG_OP = 'INSERT' THEN
            SELECT e.manager_id INTO v_above
            FROM hr.employees AS e
            WHERE e.tenant_id = NEW.tenant_id AND e.id = v_above;
        ELSE
            -- Whoever gives one of them another manager meanwhile waits, or is waited for.
            SELECT e.manager_id INTO v_above
            FROM hr.employees AS e
            WHERE e.tenant_id = NEW.tenant_id AND e.id = v_above
            FOR SHARE;
        END IF;
    END LOOP;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION hr.guard_reporting_line() IS
'Trigger (after insert or update of hr.employees, each row with another manager). Locks those '
'above until the transaction ends when a manager changes: nobody reports to who was not there yet. '
'Raises ZH006 (the line of managers comes back to where it was).';
