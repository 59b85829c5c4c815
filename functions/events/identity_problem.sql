-- The first sum that a payload's parts do not make up.
CREATE OR REPLACE FUNCTION events.identity_problem(p_identities jsonb, p_payload jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('%s is %s, but %s are %s', i.key, p_payload ->> i.key, i.value, s.total)
    FROM jsonb_each(p_identities) AS i
    CROSS JOIN LATERAL (
        SELECT sum((p_payload ->> p.name)::numeric) AS total
        FROM jsonb_array_elements_text(i.value) AS p (name)
    ) AS s
    WHERE (p_payload ->> i.key)::numeric IS DISTINCT FROM coalesce(s.total, 0)
    ORDER BY i.key
    LIMIT 1;
$$;
COMMENT ON FUNCTION events.identity_problem(jsonb, jsonb) IS
'Which of the sums of events.event_types.identities a payload breaks, as a sentence; NULL: none.';
