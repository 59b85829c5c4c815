-- A contract that cannot be checked is none.
CREATE OR REPLACE FUNCTION events.guard_event_type()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_problem text := events.unknown_keyword(NEW.payload_schema);
    v_sum text;
    v_part text;
BEGIN
    IF v_problem IS NOT NULL THEN
        RAISE EXCEPTION 'payload_schema of % has what is not checked: %', NEW.code, v_problem
        USING ERRCODE = 'ZE008',
            HINT = 'See events.schema_problem for the keywords.';
    END IF;
    -- Not the lax mode, which takes an array for what is in it.
    IF NEW.identities @? 'strict $.* ? (@.type() <> "array")'
        OR NEW.identities @? 'strict $.*[*] ? (@.type() <> "string")'
    THEN
        RAISE EXCEPTION 'a sum of % is no list of names', NEW.code
        USING ERRCODE = 'ZE008',
            DETAIL = format('The sums are %s.', NEW.identities),
            HINT = 'Write {"<sum>": ["<part>", …]}.';
    END IF;
    FOR v_sum, v_part IN
        SELECT i.key, p.name
        FROM jsonb_each(NEW.identities) AS i
        CROSS JOIN LATERAL jsonb_array_elements_text(i.value || to_jsonb(i.key)) AS p (name)
    LOOP
        IF NEW.payload_schema #>> ARRAY['properties', v_part, 'type'] IS DISTINCT FROM 'number'
            OR (NEW.payload_schema -> 'required' ? v_part) IS NOT true
        THEN
            RAISE EXCEPTION 'identity % of % names %, which is no required number', v_sum,
                NEW.code, v_part
            USING ERRCODE = 'ZE008',
                HINT = 'Name required properties of type number.';
        END IF;
    END LOOP;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION events.guard_event_type() IS
'Trigger (before insert or update, each row). Raises ZE008: the schema has a keyword that '
'events.schema_problem does not check, or a sum names what is no required number.';
