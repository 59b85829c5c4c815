-- The latest version of an employee that events tell of.
CREATE OR REPLACE FUNCTION hr.latest_version(p_tenant_id integer, p_employee_id uuid)
RETURNS integer
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT max((v.payload ->> 'version')::integer)
    FROM events.event_store AS v
    WHERE v.tenant_id = p_tenant_id
        AND v.aggregate_type = 'employee'
        AND v.aggregate_id = p_employee_id::text;
$$;
COMMENT ON FUNCTION hr.latest_version(integer, uuid) IS
'The highest version of an employee that an event in the store says; NULL: there is none. '
'Internal.';
