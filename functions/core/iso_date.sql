-- A date of the form 2026-11-30, or nothing; a cast would raise, and know more forms than one.
CREATE OR REPLACE FUNCTION core.iso_date(p_text text)
RETURNS date
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_day date;
BEGIN
    IF p_text !~ '^(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$' THEN
        RETURN NULL;
    END IF;
    v_day := make_date(left(p_text, 4)::integer, substr(p_text, 6, 2)::integer, 1)
        + substr(p_text, 9, 2)::integer - 1;
    -- 2026-02-30 comes out as a day in March: no date.
    RETURN CASE WHEN to_char(v_day, 'MM') = substr(p_text, 6, 2) THEN v_day END;
END;
$$;
COMMENT ON FUNCTION core.iso_date(text) IS
'The date that a text of the form 2026-11-30 says (years 0001 to 9999); NULL for any other text, '
'for a day that its month does not have, and for NULL. Internal.';
