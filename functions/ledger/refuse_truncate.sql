-- The books are never emptied.
CREATE OR REPLACE FUNCTION ledger.refuse_truncate()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'table % cannot be truncated', TG_ARGV[0]
    USING ERRCODE = 'ZL006',
        DETAIL = 'It holds posted entries, or what they are summed into, numbered by or wait on.',
        HINT = 'Delete drafts with DELETE; correct posted entries by reversal.';
END;
$$;
COMMENT ON FUNCTION ledger.refuse_truncate() IS
'Trigger (before truncate, statement; argument: the table''s name). Always raises ZL006.';
