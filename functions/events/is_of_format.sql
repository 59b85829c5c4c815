-- Whether a text has a format of JSON Schema.
CREATE OR REPLACE FUNCTION events.is_of_format(p_text text, p_format text)
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN CASE p_format
        WHEN 'date' THEN core.iso_date(p_text) IS NOT NULL
        WHEN 'uuid' THEN
            p_text ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'
        WHEN 'date-time' THEN
            p_text ~ (
                '^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?'
                '(Z|[+-][0-9]{2}:[0-9]{2})$'
            )
            AND core.iso_date(left(p_text, 10)) IS NOT NULL
    END;
END;
$$;
COMMENT ON FUNCTION events.is_of_format(text, text) IS
'Whether a text is a date (2026-11-30), uuid or date-time (RFC 3339, with zone); NULL for other '
'formats.';
