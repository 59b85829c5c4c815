-- By what a customer is found: the name from each of its words on, the number, the e-mail address.
CREATE OR REPLACE FUNCTION party.search_terms(p_customer party.customers)
RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    WITH words AS (
        SELECT (array_agg(d.word ORDER BY d.n))[1:10] AS list
        FROM (
            SELECT
                w.word,
                min(w.n) AS n
            FROM unnest(party.name_words(concat_ws(
                ' ',
                p_customer.display_name,
                p_customer.given_name,
                p_customer.family_name,
                p_customer.organisation_name
            ))) WITH ORDINALITY AS w (word, n)
            WHERE p_customer.status <> 'anonymised'
            GROUP BY w.word
        ) AS d
    )

    -- An entry of a btree has an end.
    SELECT left(t.term, 200)
    FROM (
        SELECT array_to_string(w.list[i.n:] || w.list[:i.n - 1], ' ') AS term
        FROM words AS w
        CROSS JOIN LATERAL generate_series(1, cardinality(w.list)) AS i (n)
        UNION
        SELECT array_to_string(party.name_words(f.field), '')
        FROM (VALUES (p_customer.customer_no::text), (p_customer.email::text)) AS f (field)
    ) AS t
    WHERE t.term <> '';
$$;
COMMENT ON FUNCTION party.search_terms(party.customers) IS
'The terms of party.customer_terms for a customer: its name (display, given, family and '
'organisation name, each word once, ten at most) beginning at each of its words, with those before '
'it at the end; the number and the e-mail address, each as one word. Of an anonymised customer the '
'number. Internal.';
