-- Let the row of an employee have a later version, without any other change.
CREATE OR REPLACE FUNCTION hr.raise_version(
    p_tenant_id integer,
    p_employee_id uuid,
    p_version integer
)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- The trigger counts each; there is no other way past it.
    LOOP
        UPDATE hr.employees AS e
        SET version = e.version
        WHERE e.tenant_id = p_tenant_id AND e.id = p_employee_id AND e.version < p_version;
        EXIT WHEN NOT FOUND;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION hr.raise_version(integer, uuid, integer) IS
'Brings the version of an employee up to p_version, one by one; what is later stays. Internal: for '
'hr.take_back.';
