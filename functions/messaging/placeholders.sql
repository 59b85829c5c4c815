-- What a text wants to be put in.
CREATE OR REPLACE FUNCTION messaging.placeholders(p_text text)
RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(array_agg(m.parts[1] ORDER BY m.place), '{}')
    FROM regexp_matches(p_text, '[{][{]([a-z][a-z0-9_]{0,39})[}][}]', 'g')
    WITH ORDINALITY AS m (parts, place);
$$;
COMMENT ON FUNCTION messaging.placeholders(text) IS
'The names in {{…}} in a text, in their order; one that stands twice is named twice.';
