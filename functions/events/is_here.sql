-- Whether a handler can act in this database.
CREATE OR REPLACE FUNCTION events.is_here(p_handler text)
RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN to_regprocedure(p_handler || '(events.event_store)') IS NOT NULL;
END;
$$;
COMMENT ON FUNCTION events.is_here(text) IS
'Whether the function of a handler is in this database. Internal.';
