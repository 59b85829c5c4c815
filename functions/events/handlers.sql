-- The handlers of a type of event whose functions are in this database.
CREATE OR REPLACE FUNCTION events.handlers(p_event_type text)
RETURNS TABLE (handler text, max_attempts integer, rejection_type text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        s.handler::text,
        s.max_attempts,
        s.rejection_type::text
    FROM events.subscriptions AS s
    WHERE s.event_type = p_event_type
        AND events.is_here(s.handler)
    ORDER BY s.handler;
$$;
COMMENT ON FUNCTION events.handlers(text) IS
'The subscriptions of a type of event whose handlers can act here, in the order in which they do. '
'Internal.';
