-- Why values cannot be put into a text, if so.
CREATE OR REPLACE FUNCTION messaging.values_problem(p_text text, p_values jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(
        CASE WHEN jsonb_typeof(p_values) IS DISTINCT FROM 'object' THEN
            'the values are no JSON object'
        END,
        (
            SELECT format('the value of %s is missing', min(n.name))
            FROM unnest(messaging.placeholders(p_text)) AS n (name)
            WHERE core.is_blank(coalesce(p_values ->> n.name, ''))
            HAVING count(*) > 0
        ),
        (
            SELECT format(
                'the value of %s is no text or number of up to 200 characters', min(v.name)
            )
            FROM unnest(messaging.placeholders(p_text)) AS v (name)
            WHERE jsonb_typeof(p_values -> v.name) NOT IN ('string', 'number')
                OR length(p_values ->> v.name) > 200
                OR p_values ->> v.name ~ '[[:cntrl:]]'
            HAVING count(*) > 0
        )
    );
$$;
COMMENT ON FUNCTION messaging.values_problem(text, jsonb) IS
'Why p_values cannot be put into a text with placeholders, or NULL: each needs a string or a '
'number, not blank, of up to 200 characters, none of them a control character. No value is told. '
'Internal.';
