-- A misspelt key would otherwise be lost without a word.
CREATE OR REPLACE FUNCTION core.require_known(p_given jsonb, p_known text[])
RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF jsonb_typeof(p_given) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'not a JSON object'
        USING ERRCODE = 'invalid_parameter_value',
            HINT = format('Its keys are: %s.', array_to_string(p_known, ', '));
    ELSIF p_given - p_known <> '{}' THEN
        RAISE EXCEPTION 'a key is unknown'
        USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('Unknown: %s.', (
                SELECT string_agg(k.name, ', ' ORDER BY k.name)
                FROM jsonb_object_keys(p_given - p_known) AS k (name)
            )),
            HINT = format('Its keys are: %s.', array_to_string(p_known, ', '));
    END IF;
END;
$$;
COMMENT ON FUNCTION core.require_known(jsonb, text[]) IS
'Raises 22023 unless p_given is a JSON object with none but the known keys. Internal.';
