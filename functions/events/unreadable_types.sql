-- The types of events that the token may not read.
CREATE OR REPLACE FUNCTION events.unreadable_types()
RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT ARRAY(
        SELECT t.code::text
        FROM events.event_types AS t
        WHERE t.read_permission IS NOT NULL
            AND identity.has_permission(t.read_permission) IS NOT true
        ORDER BY t.code
    );
$$;
COMMENT ON FUNCTION events.unreadable_types() IS
'The types of events whose read_permission the session''s token lacks; row security leaves out '
'their events. Raises ZI002, ZI003, ZI009, ZI010 (token).';
