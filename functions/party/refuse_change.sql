-- Consents, and what was done with a person's data, are on record for good.
CREATE OR REPLACE FUNCTION party.refuse_change()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'rows of % never change', TG_ARGV[0]
    USING ERRCODE = 'ZT008',
        DETAIL = format('Refused: %s.', TG_OP),
        HINT = 'A later decision is a further row: see party.withdraw_consent.';
END;
$$;
COMMENT ON FUNCTION party.refuse_change() IS
'Trigger (before update or delete, each row; argument: the table''s name). Always raises ZT008.';
