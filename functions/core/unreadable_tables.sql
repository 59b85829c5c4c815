-- The tables that the token may not read.
CREATE OR REPLACE FUNCTION core.unreadable_tables()
RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT ARRAY(
        SELECT r.table_name
        FROM core.read_permissions() AS r
        WHERE identity.has_permission(r.permission) IS NOT true
        ORDER BY r.table_name
    );
$$;
COMMENT ON FUNCTION core.unreadable_tables() IS
'The tables of core.read_permissions whose permission the session''s token lacks; what was in them '
'is left out of audit.log too. Raises ZI002, ZI003, ZI009, ZI010 (token).';
