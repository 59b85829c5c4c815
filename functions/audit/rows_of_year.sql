-- How much a year of the log has of a tenant.
CREATE OR REPLACE FUNCTION audit.rows_of_year(p_tenant_id integer, p_year integer)
RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT count(*)
    FROM audit.log AS l
    WHERE l.tenant_id = p_tenant_id
        AND l.id >= core.uuid_v7_floor(make_timestamptz(p_year, 1, 1, 0, 0, 0, 'UTC'))
        AND l.id < core.uuid_v7_floor(make_timestamptz(p_year + 1, 1, 1, 0, 0, 0, 'UTC'));
$$;
COMMENT ON FUNCTION audit.rows_of_year(integer, integer) IS
'The number of rows of audit.log of a tenant that has been entered, by the year of their ids '
'(UTC). Internal.';
