-- What a template names that no payload has.
CREATE OR REPLACE FUNCTION ledger.template_problem(p_schema jsonb, p_template text)
RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_path text;
BEGIN
    IF regexp_replace(p_template, '[{][^{}]+[}]', '', 'g') ~ '[{}]' THEN
        RETURN format('template %L has a brace without its other', p_template);
    END IF;
    SELECT m.found[1] INTO v_path
    FROM regexp_matches(p_template, '[{]([^{}]+)[}]', 'g') AS m (found)
    CROSS JOIN LATERAL ledger.payload_property(p_schema, m.found[1]) AS p
    WHERE (
        p.property -> 'type' <@ '["string", "number", "integer", "boolean", "null"]'
        AND p.property -> 'type' <> '"null"'
    ) IS NOT true
    LIMIT 1;
    IF FOUND THEN
        RETURN format('template %L names %s, which is no text or number of the payload',
            p_template, v_path);
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION ledger.template_problem(jsonb, text) IS
'What is wrong with a template of a posting rule, by the JSON Schema of the payload; NULL: '
'nothing. {path} names a property that is a string, number, integer or boolean, or may be null '
'besides. Internal.';
