-- A text with the properties of a payload in it.
CREATE OR REPLACE FUNCTION ledger.fill_template(p_template text, p_payload jsonb)
RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_parts text[] := string_to_array(p_template, '{');
    v_text text := v_parts[1];
    v_end integer;
BEGIN
    FOR v_i IN 2..cardinality(v_parts) LOOP
        v_end := strpos(v_parts[v_i], '}');
        v_text := v_text
            || coalesce(
                p_payload #>> string_to_array(left(v_parts[v_i], v_end - 1), '.'), ''
            )
            || substr(v_parts[v_i], v_end + 1);
    END LOOP;
    RETURN nullif(v_text, '');
END;
$$;
COMMENT ON FUNCTION ledger.fill_template(text, jsonb) IS
'Each {path} of a template that ledger.template_problem finds nothing wrong with, replaced by that '
'property of the payload, by nothing where the payload lacks it; NULL where nothing is left. '
'Internal.';
