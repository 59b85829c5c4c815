-- A record that is only ever added to.
CREATE OR REPLACE FUNCTION ledger.refuse_change()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'rows of % never change', TG_ARGV[0]
    USING ERRCODE = 'ZF006',
        DETAIL = 'They say what was, and when.',
        HINT = 'Add another row where something is to be said.';
END;
$$;
COMMENT ON FUNCTION ledger.refuse_change() IS
'Trigger (before update or delete, each row; argument: the table''s name). Always raises ZF006.';
