-- Put values into a text, each place once: what is put in is not looked at again.
CREATE OR REPLACE FUNCTION messaging.fill(p_text text, p_values jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT string_agg(concat(f.part, p_values ->> f.name), '' ORDER BY f.place)
    FROM unnest(
        regexp_split_to_array(p_text, '[{][{][a-z][a-z0-9_]{0,39}[}][}]'),
        messaging.placeholders(p_text)
    ) WITH ORDINALITY AS f (part, name, place);
$$;
COMMENT ON FUNCTION messaging.fill(text, jsonb) IS
'The text with the values of a JSON object in its placeholders. Internal: '
'messaging.values_problem tells beforehand what is missing.';
