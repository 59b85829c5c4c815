-- A linear form without the properties that are sums of others.
CREATE OR REPLACE FUNCTION ledger.substitute_sums(p_form jsonb, p_identities jsonb)
RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_sums text[] := ARRAY(SELECT i.name FROM jsonb_object_keys(p_identities) AS i (name));
BEGIN
    -- A chain has at most as many links as there are sums; what goes on is a circle.
    FOR v_round IN 0..cardinality(v_sums) LOOP
        IF NOT p_form ?| v_sums THEN
            RETURN p_form;
        END IF;
        SELECT coalesce(jsonb_object_agg(t.name, t.factor) FILTER (WHERE t.factor <> 0), '{}')
        INTO p_form
        FROM (
            SELECT
                w.name,
                sum(w.factor) AS factor
            FROM (
                SELECT
                    f.key AS name,
                    f.value::text::numeric AS factor
                FROM jsonb_each(p_form) AS f
                WHERE f.key <> ALL (v_sums)
                UNION ALL
                SELECT
                    s.part,
                    f.value::text::numeric
                FROM jsonb_each(p_form) AS f
                CROSS JOIN LATERAL jsonb_array_elements_text(p_identities -> f.key) AS s (part)
            ) AS w
            GROUP BY w.name
        ) AS t;
    END LOOP;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION ledger.substitute_sums(jsonb, jsonb) IS
'A linear form {"gross": 1, "net": -1} with each sum of the identities of a type of event '
'({"gross": ["net", "taxes"]}) replaced by its parts, until none is left, and factors that are 0 '
'left out: {} if and only if the form is 0 for every payload. NULL when the sums go in a circle. '
'Internal.';
