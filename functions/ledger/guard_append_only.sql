-- What is written once stays.
CREATE OR REPLACE FUNCTION ledger.guard_append_only()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'rows of % never change and never go', TG_ARGV[0]
    USING ERRCODE = 'ZL045',
        HINT = 'They are the record of what was done.';
END;
$$;
COMMENT ON FUNCTION ledger.guard_append_only() IS
'Trigger (before update or delete, each row; argument: the table''s name). Always raises ZL045.';
