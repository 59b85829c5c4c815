-- What is wrong with the condition of a line of a posting rule.
CREATE OR REPLACE FUNCTION ledger.condition_problem(p_schema jsonb, p_condition text)
RETURNS text
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- A property by its path, or a text, of which the other is never part.
    v_word CONSTANT text := E'([$](?:[.]"[^".\\\\]*")*)|("(?:[^"\\\\]|\\\\.)*")';
    v_condition jsonpath;
    v_path text;
BEGIN
    BEGIN
        v_condition := p_condition::jsonpath;
    EXCEPTION
        WHEN syntax_error OR data_exception THEN
            RETURN format('condition %s is no SQL/JSON path', p_condition);
    END;
    -- As PostgreSQL writes it every name has quotes.
    IF regexp_replace(v_condition::text, v_word, '', 'g') !~ (
        '^([-+*/%()<>=!&| ]|[0-9]+([.][0-9]+)?|true|false|null|exists|starts with|like_regex|flag'
        '|is unknown)*$'
    ) THEN
        RETURN format('condition %s has more than comparisons of properties', p_condition);
    END IF;
    SELECT w.path INTO v_path
    FROM (
        SELECT replace(substr(m.found[1], 3), '"', '') AS path
        FROM regexp_matches(v_condition::text, v_word, 'g') AS m (found)
        WHERE m.found[1] IS NOT NULL
    ) AS w
    CROSS JOIN LATERAL ledger.payload_property(p_schema, w.path) AS p
    WHERE p.property IS NULL OR w.path = ''
    LIMIT 1;
    IF FOUND THEN
        RETURN format('condition %s names %s, which no payload has', p_condition,
            coalesce(nullif(v_path, ''), 'the payload itself'));
    END IF;
    -- What is no predicate finds nothing in nothing, or something else than a truth value.
    IF (
        SELECT count(*) = 1 AND bool_and(jsonb_typeof(q.item) IN ('boolean', 'null'))
        FROM jsonb_path_query('{}', v_condition, '{}', true) AS q (item)
    ) IS NOT true THEN
        RETURN format('condition %s is nothing that is true or false', p_condition);
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION ledger.condition_problem(jsonb, text) IS
'What is wrong with a condition, by the JSON Schema of the payload; NULL: nothing. It is an '
'SQL/JSON path predicate in lax mode over properties by their path ($.a.b), texts, numbers, true, '
'false and null, with comparisons, && || !, arithmetic, exists, starts with, like_regex, is '
'unknown; without filters, array accessors, methods and variables. Internal.';
