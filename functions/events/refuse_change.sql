-- What happened does not change.
CREATE OR REPLACE FUNCTION events.refuse_change()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'rows of % never change and never go', TG_ARGV[0]
    USING ERRCODE = 'ZE005',
        DETAIL = format('Refused: %s.', TG_OP),
        HINT = 'Emit an event that says what is right.';
END;
$$;
COMMENT ON FUNCTION events.refuse_change() IS
'Trigger (before update or delete, each row; before truncate, statement; argument: the table''s '
'name). Always raises ZE005.';
