-- History does not change.
CREATE OR REPLACE FUNCTION hr.refuse_change()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'rows of % never change and never go', TG_ARGV[0]
    USING ERRCODE = 'ZH005',
        DETAIL = format('Refused: %s.', TG_OP),
        HINT = 'They are the record of what was done.';
END;
$$;
COMMENT ON FUNCTION hr.refuse_change() IS
'Trigger (before update or delete, each row; before truncate, statement; argument: the table''s '
'name). Always raises ZH005.';
