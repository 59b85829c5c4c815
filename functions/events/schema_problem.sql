-- The first way in which a JSON value does not fit a JSON Schema.
CREATE OR REPLACE FUNCTION events.schema_problem(
    p_schema jsonb,
    p_value jsonb,
    p_path text DEFAULT '$'
)
RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_type text := jsonb_typeof(p_value);
    v_text text := CASE WHEN v_type = 'string' THEN p_value #>> '{}' END;
    v_number numeric := CASE WHEN v_type = 'number' THEN p_value::text::numeric END;
    v_keyword text;
    v_rule jsonb;
    v_key text;
    v_item jsonb;
    v_problem text;
BEGIN
    FOR v_keyword, v_rule IN SELECT s.key, s.value FROM jsonb_each(p_schema) AS s LOOP
        IF v_keyword = 'type' THEN
            IF (
                v_rule @> to_jsonb(v_type)
                OR (v_rule @> '"integer"' AND v_number = trunc(v_number))
            ) IS NOT true THEN
                RETURN format('%s is of type %s, not %s', p_path, v_type, v_rule);
            END IF;
        ELSIF v_keyword = 'enum' THEN
            IF NOT EXISTS (
                SELECT FROM jsonb_array_elements(v_rule) AS e (item) WHERE e.item = p_value
            ) THEN
                RETURN format('%s is none of %s', p_path, v_rule);
            END IF;
        ELSIF v_keyword = 'const' THEN
            IF v_rule <> p_value THEN
                RETURN format('%s is not %s', p_path, v_rule);
            END IF;
        ELSIF v_text IS NOT NULL THEN
            IF (v_keyword = 'minLength' AND length(v_text) < v_rule::integer)
                OR (v_keyword = 'maxLength' AND length(v_text) > v_rule::integer)
                OR (v_keyword = 'pattern' AND v_text !~ (v_rule #>> '{}'))
                OR (v_keyword = 'format' AND NOT events.is_of_format(v_text, v_rule #>> '{}'))
            THEN
                RETURN format('%s does not have %s %s', p_path, v_keyword, v_rule);
            END IF;
        ELSIF v_number IS NOT NULL THEN
            IF (v_keyword = 'minimum' AND v_number < v_rule::numeric)
                OR (v_keyword = 'maximum' AND v_number > v_rule::numeric)
                OR (v_keyword = 'exclusiveMinimum' AND v_number <= v_rule::numeric)
                OR (v_keyword = 'exclusiveMaximum' AND v_number >= v_rule::numeric)
                OR (v_keyword = 'multipleOf' AND v_number % v_rule::numeric <> 0)
            THEN
                RETURN format('%s does not have %s %s', p_path, v_keyword, v_rule);
            END IF;
        ELSIF v_type = 'object' THEN
            IF v_keyword = 'required' THEN
                SELECT r.name INTO v_key
                FROM jsonb_array_elements_text(v_rule) AS r (name)
                WHERE NOT p_value ? r.name
                ORDER BY r.name
                LIMIT 1;
                IF FOUND THEN
                    RETURN format('%s lacks %s', p_path, v_key);
                END IF;
            ELSIF v_keyword = 'additionalProperties' AND v_rule = 'false' THEN
                SELECT k.name INTO v_key
                FROM jsonb_object_keys(p_value) AS k (name)
                WHERE (p_schema -> 'properties' ? k.name) IS NOT true
                ORDER BY k.name
                LIMIT 1;
                IF FOUND THEN
                    RETURN format('%s has the unknown %s', p_path, v_key);
                END IF;
            ELSIF v_keyword = 'properties' THEN
                FOR v_key, v_item IN
                    SELECT s.key, s.value FROM jsonb_each(v_rule) AS s WHERE p_value ? s.key
                LOOP
                    v_problem := events.schema_problem(
                        v_item, p_value -> v_key, p_path || '.' || v_key
                    );
                    IF v_problem IS NOT NULL THEN
                        RETURN v_problem;
                    END IF;
                END LOOP;
            END IF;
        ELSIF v_type = 'array' THEN
            IF (v_keyword = 'minItems' AND jsonb_array_length(p_value) < v_rule::integer)
                OR (v_keyword = 'maxItems' AND jsonb_array_length(p_value) > v_rule::integer)
            THEN
                RETURN format('%s does not have %s %s', p_path, v_keyword, v_rule);
            ELSIF v_keyword = 'items' THEN
                FOR v_key, v_item IN
                    SELECT a.place - 1, a.item
                    FROM jsonb_array_elements(p_value) WITH ORDINALITY AS a (item, place)
                LOOP
                    v_problem := events.schema_problem(
                        v_rule, v_item, p_path || '[' || v_key || ']'
                    );
                    IF v_problem IS NOT NULL THEN
                        RETURN v_problem;
                    END IF;
                END LOOP;
            END IF;
        END IF;
    END LOOP;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION events.schema_problem(jsonb, jsonb, text) IS
'What is wrong with a JSON value by a JSON Schema (draft 2020-12), as a sentence that begins with '
'the path; NULL when it fits. Knows the keywords that events.unknown_keyword allows; patterns are '
'PostgreSQL''s regular expressions.';
