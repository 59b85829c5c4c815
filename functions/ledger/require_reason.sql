-- What is undone or reopened needs a reason that an auditor can read.
CREATE OR REPLACE FUNCTION ledger.require_reason(p_reason text)
RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_reason IS NULL OR core.is_blank(p_reason) OR length(p_reason) > 2000 THEN
        RAISE EXCEPTION 'a reason is missing, blank or longer than 2000 characters'
        USING ERRCODE = 'ZL027',
            HINT = 'Say why in a few words: they are kept in the books.';
    END IF;
END;
$$;
COMMENT ON FUNCTION ledger.require_reason(text) IS
'Raises ZL027 unless the reason has 1 to 2000 characters, not all blank. Internal.';
