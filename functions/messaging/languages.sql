-- In which languages a template is looked for, one after the other.
CREATE OR REPLACE FUNCTION messaging.languages(p_wanted text, p_default text)
RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    -- RFC 4647, 3.4: the tag, and what is left of it without its last part.
    SELECT coalesce(array_agg(g.tag ORDER BY g.first_place), '{}')
    FROM (
        SELECT
            p.tag,
            min(p.place) AS first_place
        FROM (
            SELECT
                array_to_string(w.parts[:n.count], '-') AS tag,
                w.place * 100 - n.count AS place
            FROM (
                VALUES
                (string_to_array(lower(replace(p_wanted, '_', '-')), '-'), 1),
                (string_to_array(lower(replace(p_default, '_', '-')), '-'), 2)
            ) AS w (parts, place)
            CROSS JOIN generate_series(1, cardinality(w.parts)) AS n (count)
        ) AS p
        GROUP BY p.tag
    ) AS g;
$$;
COMMENT ON FUNCTION messaging.languages(text, text) IS
'The languages to try in turn, in small letters: of sw-KE and en-GB {sw-ke, sw, en-gb, en}. Either '
'may be NULL.';
