-- The archive is written by nobody.
CREATE OR REPLACE FUNCTION ledger.refuse_archive_change()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'table % is an archive and cannot change', TG_ARGV[0]
    USING ERRCODE = 'ZL084',
        HINT = 'Post a correction in an open period; ledger.restore_archive takes a year back.';
END;
$$;
COMMENT ON FUNCTION ledger.refuse_archive_change() IS
'Trigger (before insert, update or delete of the tables in ledger_archive, each row; argument: '
'the table''s name). Always raises ZL084.';
