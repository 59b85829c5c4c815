-- What was withheld before, as a client says it.
CREATE OR REPLACE FUNCTION payroll.read_opening_items(p_items jsonb)
RETURNS TABLE (
    component payroll.component,
    base numeric,
    amount numeric,
    employer_amount numeric
)
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_item jsonb;
BEGIN
    IF jsonb_typeof(p_items) IS DISTINCT FROM 'array' THEN
        RAISE EXCEPTION 'items are not a list'
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Give [{"component": "social_security_tax", "base": 90000, "amount": 5580, '
                '"employer_amount": 5580}].';
    END IF;
    FOR v_item IN SELECT i.item FROM jsonb_array_elements(p_items) AS i (item) LOOP
        IF jsonb_typeof(v_item) <> 'object'
            OR v_item - ARRAY['component', 'base', 'amount', 'employer_amount'] <> '{}'
            OR jsonb_typeof(v_item -> 'component') IS DISTINCT FROM 'string'
            OR jsonb_typeof(v_item -> 'base') IS DISTINCT FROM 'number'
            OR jsonb_typeof(v_item -> 'amount') IS DISTINCT FROM 'number'
            OR coalesce(jsonb_typeof(v_item -> 'employer_amount'), 'number') <> 'number'
        THEN
            RAISE EXCEPTION 'not an item of an opening balance: %', v_item
            USING ERRCODE = 'invalid_parameter_value',
                HINT = 'Each is an object of component, base, amount and, where there is one, '
                    'employer_amount; amounts are numbers.';
        END IF;
        RETURN QUERY SELECT
            (v_item ->> 'component')::payroll.component,
            (v_item ->> 'base')::numeric,
            (v_item ->> 'amount')::numeric,
            coalesce((v_item ->> 'employer_amount')::numeric, 0);
    END LOOP;
END;
$$;
COMMENT ON FUNCTION payroll.read_opening_items(jsonb) IS
'The rows of a list of objects: component, base, amount and employer_amount (0 when left out). '
'Internal. Raises 22023 (malformed), 22P02 (no such component).';
