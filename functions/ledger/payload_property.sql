-- What a type of event promises of one property of its payload.
CREATE OR REPLACE FUNCTION ledger.payload_property(
    p_schema jsonb,
    p_path text,
    OUT property jsonb,
    OUT is_required boolean
)
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_name text;
BEGIN
    property := p_schema;
    is_required := true;
    FOREACH v_name IN ARRAY string_to_array(p_path, '.') LOOP
        IF (property -> 'type' = '"object"') IS NOT true THEN
            property := NULL;
            RETURN;
        END IF;
        is_required := is_required AND coalesce(property -> 'required' ? v_name, false);
        property := property -> 'properties' -> v_name;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION ledger.payload_property(jsonb, text) IS
'The JSON Schema of a property by its path (names with points between them: of objects within the '
'payload), NULL where the schema of the payload has none; and whether every payload has it. '
'Internal.';
