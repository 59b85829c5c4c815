-- The words of a name, as they are compared: what people type has neither accents nor case.
CREATE OR REPLACE FUNCTION party.name_words(p_text text)
RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(array_agg(w.word ORDER BY w.n) FILTER (WHERE w.word <> ''), '{}')
    FROM regexp_split_to_table(
        -- Accents come apart and go; an apostrophe joins what it stands between.
        lower(translate(
            regexp_replace(
                normalize(p_text, NFKD), E'[\\u0300-\\u036f\\u2018\\u2019\\u02bc'']', '', 'g'
            ),
            'łŁøØđĐı', 'lLoOdDi'
        )),
        E'[\\u0001-\\u002f:-@\\u005b-\\u0060\\u007b-\\u00bf\\u2000-\\u206f\\u3000]+'
    ) WITH ORDINALITY AS w (word, n);
$$;
COMMENT ON FUNCTION party.name_words(text) IS
'The words of a text in order, in lower case, without accents and punctuation: {mary, wanjiku} of '
'"Mary WANJIKÚ"; empty for a text without letters and digits, and for NULL. Letters beyond the '
'Latin alphabet are lowered as the database''s locale has it.';
