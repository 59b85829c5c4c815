-- Evidence is only ever added to.
CREATE OR REPLACE FUNCTION ledger.refuse_change_of_seals()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'rows of % cannot change', TG_ARGV[0]
    USING ERRCODE = 'ZL070',
        DETAIL = format('Refused: %s.', TG_OP),
        HINT = 'Seals are only ever added, by ledger.seal().';
END;
$$;
COMMENT ON FUNCTION ledger.refuse_change_of_seals() IS
'Trigger (before update, delete or truncate; argument: the table''s name). Always raises ZL070.';
