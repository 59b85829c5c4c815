-- What a payload must look like, as one condition that is made once, when its type is saved.
-- depends: 20261127_2000_events_store
-- The table is rewritten: it has a row for each type of event.
-- squawk-ignore-file adding-field-with-default

CREATE FUNCTION events.schema_condition(p_schema jsonb, p_is_root boolean DEFAULT false)
RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_type jsonb := p_schema -> 'type';
    v_names jsonb := coalesce(p_schema -> 'properties', '{}');
    v_keyword text;
    v_rule jsonb;
    v_kind text;
    v_part text;
    v_inner text;
    v_name text;
    v_parts text[] := ARRAY[]::text[];
BEGIN
    FOR v_keyword, v_rule IN SELECT s.key, s.value FROM jsonb_each(p_schema) AS s LOOP
        v_kind := CASE
            WHEN v_keyword IN ('minLength', 'maxLength', 'pattern', 'format') THEN 'string'
            WHEN v_keyword IN (
                'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'
            ) THEN 'number'
            WHEN v_keyword IN ('required', 'properties', 'additionalProperties') THEN 'object'
            WHEN v_keyword IN ('minItems', 'maxItems', 'items') THEN 'array'
        END;
        v_part := NULL;
        IF v_keyword = 'type' THEN
            SELECT string_agg(
                CASE t.name
                    WHEN 'integer' THEN '(@.type() == "number" && @.floor() == @)'
                    ELSE '@.type() == ' || to_jsonb(t.name)::text
                END,
                ' || '
            )
            INTO v_part
            FROM jsonb_array_elements_text(CASE jsonb_typeof(v_rule)
                WHEN 'array' THEN v_rule
                ELSE jsonb_build_array(v_rule)
            END) AS t (name);
        ELSIF v_keyword IN ('enum', 'const') THEN
            -- A path compares scalars only.
            SELECT CASE
                WHEN bool_and(jsonb_typeof(e.item) NOT IN ('array', 'object'))
                    THEN string_agg('@ == ' || e.item::text, ' || ')
            END
            INTO v_part
            FROM jsonb_array_elements(
                CASE v_keyword WHEN 'enum' THEN v_rule ELSE jsonb_build_array(v_rule) END
            ) AS e (item);
        ELSIF v_keyword = 'minLength' THEN
            v_part := format('@ like_regex "^.{%s,}$" flag "s"', v_rule::integer);
        ELSIF v_keyword = 'maxLength' THEN
            v_part := format('@ like_regex "^.{0,%s}$" flag "s"', v_rule::integer);
        ELSIF v_keyword = 'pattern' THEN
            v_part := format('@ like_regex %s flag "s"', v_rule);
        ELSIF v_keyword = 'format' THEN
            v_part := CASE v_rule #>> '{}'
                WHEN 'date' THEN
                    -- A template takes 2026-00-00 for a date, too.
                    '@ like_regex "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"'
                    ' && @ >= "0001" && @.datetime("YYYY-MM-DD").type() == "date"'
                WHEN 'uuid' THEN
                    '@ like_regex "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"'
            END;
        ELSIF v_kind = 'number' THEN
            v_part := CASE v_keyword
                WHEN 'minimum' THEN '@ >= '
                WHEN 'maximum' THEN '@ <= '
                WHEN 'exclusiveMinimum' THEN '@ > '
                WHEN 'exclusiveMaximum' THEN '@ < '
                ELSE '0 == @ % '
            END || v_rule::text;
        ELSIF v_keyword = 'required' THEN
            SELECT string_agg(format('exists(@.%s)', r.name), ' && ') INTO v_part
            FROM jsonb_array_elements(v_rule) AS r (name)
            -- The condition of a property asks for it anyway.
            WHERE coalesce(v_names -> (r.name #>> '{}'), '{}') = '{}';
            CONTINUE WHEN v_part IS NULL;
        ELSIF v_keyword = 'properties' THEN
            FOR v_name, v_rule IN SELECT s.key, s.value FROM jsonb_each(v_names) AS s LOOP
                CONTINUE WHEN v_rule = '{}';
                v_inner := events.schema_condition(v_rule);
                IF v_inner IS NULL THEN
                    RETURN NULL;
                END IF;
                v_inner := format('exists(@.%s ? (%s))', to_jsonb(v_name), v_inner);
                IF (p_schema -> 'required' ? v_name) IS NOT true THEN
                    v_inner := format(
                        '((exists(@.%s)) is unknown || %s)', to_jsonb(v_name), v_inner
                    );
                END IF;
                v_part := concat_ws(' && ', v_part, v_inner);
            END LOOP;
            CONTINUE WHEN v_part IS NULL;
        ELSIF v_keyword = 'additionalProperties' THEN
            CONTINUE WHEN p_is_root OR v_rule <> 'false';
            SELECT format('!exists(@.keyvalue()%s)', ' ? (' || string_agg(
                '@.key != ' || to_jsonb(k.name)::text, ' && '
            ) || ')')
            INTO v_part
            FROM jsonb_object_keys(v_names) AS k (name);
        ELSIF v_keyword = 'minItems' THEN
            v_part := format('@.size() >= %s', v_rule);
        ELSIF v_keyword = 'maxItems' THEN
            v_part := format('@.size() <= %s', v_rule);
        ELSIF v_keyword = 'items' THEN
            v_inner := events.schema_condition(v_rule);
            -- None of whom it is false, or of whom nobody knows.
            v_part := CASE
                WHEN v_inner IS NOT NULL
                    THEN format('!exists(@[*] ? ((%1$s) is unknown || !(%1$s)))', v_inner)
            END;
        ELSIF v_keyword IN ('title', 'description') THEN
            CONTINUE;
        END IF;
        -- A count that regular expressions do not take is too large.
        IF v_part IS NULL
            OR (v_keyword IN ('minLength', 'maxLength') AND v_rule::integer NOT BETWEEN 0 AND 255)
        THEN
            RETURN NULL;
        END IF;
        v_parts := v_parts || CASE
            WHEN v_kind IS NULL OR v_type = to_jsonb(v_kind) THEN '(' || v_part || ')'
            ELSE format('(@.type() != "%s" || (%s))', v_kind, v_part)
        END;
    END LOOP;
    RETURN coalesce(array_to_string(nullif(v_parts, '{}'), ' && '), '1 == 1');
END;
$$;
COMMENT ON FUNCTION events.schema_condition(jsonb, boolean) IS
'What a JSON Schema demands of a value, as the text of a condition of a strict JSON path on @: '
'where it is true events.schema_problem finds nothing. NULL: no path says it (a format date-time, '
'a length above 255, an object or array as a constant). p_is_root: properties that are not listed '
'are looked for otherwise, by events.schema_keys. Internal: for a generated column.';

CREATE FUNCTION events.schema_keys(p_schema jsonb)
RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN CASE
        WHEN p_schema -> 'additionalProperties' = 'false' THEN ARRAY(
            SELECT k.name
            FROM jsonb_object_keys(coalesce(p_schema -> 'properties', '{}')) AS k (name)
            ORDER BY k.name
        )
    END;
END;
$$;
COMMENT ON FUNCTION events.schema_keys(jsonb) IS
'The properties that a JSON Schema allows a value to have; NULL: any. Internal: for a generated '
'column.';

ALTER TABLE events.event_types
ADD COLUMN payload_condition jsonpath GENERATED ALWAYS AS (
    ('strict exists($ ? (' || events.schema_condition(payload_schema, true) || '))')::jsonpath
) STORED,
ADD COLUMN payload_keys text[] GENERATED ALWAYS AS (events.schema_keys(payload_schema)) STORED;
COMMENT ON COLUMN events.event_types.payload_condition IS
'Whether a payload fits payload_schema, quickly: true only where events.schema_problem finds '
'nothing. Where it is not true, or NULL, that function decides and says why.';
COMMENT ON COLUMN events.event_types.payload_keys IS
'The properties that a payload may have; NULL: any.';
