-- What is in the log stays as it is.
CREATE OR REPLACE FUNCTION audit.refuse_change()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'the audit log never changes'
    USING ERRCODE = 'ZA002',
        DETAIL = format('Refused: %s of %s.', TG_OP, TG_ARGV[0]),
        HINT = 'Years that are old enough are removed whole, by audit.remove_expired.';
END;
$$;
COMMENT ON FUNCTION audit.refuse_change() IS
'Trigger (before update or delete, each row; before truncate, statement; argument: the table''s '
'name). Always raises ZA002.';
