-- The first keyword of a JSON Schema that nothing here would check.
CREATE OR REPLACE FUNCTION events.unknown_keyword(p_schema jsonb)
RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_keyword text;
    v_rule jsonb;
    v_found text;
BEGIN
    IF jsonb_typeof(p_schema) <> 'object' THEN
        RETURN p_schema::text;
    END IF;
    FOR v_keyword, v_rule IN SELECT s.key, s.value FROM jsonb_each(p_schema) AS s LOOP
        CASE
            WHEN v_keyword = 'properties' THEN
                SELECT events.unknown_keyword(s.value) INTO v_found
                FROM jsonb_each(v_rule) AS s
                WHERE events.unknown_keyword(s.value) IS NOT NULL
                ORDER BY s.key
                LIMIT 1;
            WHEN v_keyword = 'items' THEN
                v_found := events.unknown_keyword(v_rule);
            WHEN v_keyword = 'format' THEN
                v_found := CASE
                    WHEN events.is_of_format('', v_rule #>> '{}') IS NULL
                        THEN 'format ' || v_rule::text
                END;
            WHEN v_keyword IN (
                'type', 'enum', 'const', 'required', 'additionalProperties', 'minLength',
                'maxLength', 'pattern', 'minimum', 'maximum', 'exclusiveMinimum',
                'exclusiveMaximum', 'multipleOf', 'minItems', 'maxItems', 'title', 'description'
            ) THEN
                NULL;
            ELSE
                v_found := v_keyword;
        END CASE;
        IF v_found IS NOT NULL THEN
            RETURN v_found;
        END IF;
    END LOOP;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION events.unknown_keyword(jsonb) IS
'The first keyword, or format, of a JSON Schema that events.schema_problem does not check; NULL '
'when it checks all: a schema that says more than is checked is refused.';
