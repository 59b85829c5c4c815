-- Customers by part of their name, their number or their e-mail address.
CREATE OR REPLACE FUNCTION party.find_customers(p_text text, p_limit integer DEFAULT 20)
RETURNS TABLE (
    customer_id uuid,
    customer_no text,
    display_name text,
    kind party.customer_kind,
    status party.customer_status,
    email text,
    phone_encrypted text
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_words text[] := party.name_words(left(p_text, 200));
    v_joined text := array_to_string(v_words, '');
    v_word text;
    v_lead text;
    v_fits bigint;
    v_least bigint;
    v_others text[];
BEGIN
    IF p_limit IS NULL OR p_limit NOT BETWEEN 1 AND 200 THEN
        RAISE EXCEPTION '1 to 200 customers are found at a time'
        USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('Asked for %s.', coalesce(p_limit::text, 'NULL')),
            HINT = 'Ask with more of the name.';
    END IF;
    -- The range of the word that fits fewest is read, and compared with the others.
    FOREACH v_word IN ARRAY v_words LOOP
        SELECT count(*) INTO v_fits
        FROM (
            SELECT
            FROM party.customer_terms AS t
            WHERE t.term >= v_word AND t.term < v_word || chr(1114111)
            -- More are not counted: it would take as long as reading them.
            LIMIT CASE WHEN cardinality(v_words) > 1 THEN 2000 ELSE 0 END
        ) AS t;
        IF v_lead IS NULL OR (-v_fits, length(v_word)) > (-v_least, length(v_lead)) THEN
            v_lead := v_word;
            v_least := v_fits;
        END IF;
    END LOOP;
    v_others := ARRAY(
        SELECT '% ' || w.word || '%'
        FROM unnest(v_words) AS w (word)
        WHERE w.word <> v_lead
    );
    RETURN QUERY
    WITH found AS (
        SELECT
            n.tenant_id,
            n.customer_id,
            min(n.term) AS term
        FROM (
            (
                SELECT
                    t.tenant_id,
                    t.customer_id,
                    t.term
                FROM party.customer_terms AS t
                -- What is compared must not leak what a policy hides, or no index is used: >= and <
                -- do not, LIKE would.
                WHERE t.term >= v_lead AND t.term < v_lead || chr(1114111)
                    AND ' ' || t.term LIKE ALL (v_others)
                ORDER BY t.term
                -- No customer has more terms.
                LIMIT 12 * p_limit
            )
            UNION ALL
            (
                SELECT
                    t.tenant_id,
                    t.customer_id,
                    t.term
                FROM party.customer_terms AS t
                -- mary.w@example.com is one word there.
                WHERE cardinality(v_words) > 1
                    AND t.term >= v_joined AND t.term < v_joined || chr(1114111)
                ORDER BY t.term
                LIMIT p_limit
            )
        ) AS n
        GROUP BY n.tenant_id, n.customer_id
        ORDER BY term, n.customer_id
        LIMIT p_limit
    )

    SELECT
        c.id,
        c.customer_no::text,
        c.display_name::text,
        c.kind,
        c.status,
        c.email::text,
        c.phone_encrypted::text
    FROM found AS f
    CROSS JOIN LATERAL (
        -- One by one, whatever the planner expects.
        SELECT x.*
        FROM party.customers AS x
        WHERE x.tenant_id = f.tenant_id AND x.id = f.customer_id
        LIMIT 1
    ) AS c
    ORDER BY f.term, c.id;
END;
$$;
COMMENT ON FUNCTION party.find_customers(text, integer) IS
'Customers in whose name each word of p_text begins a word, whatever its case, accents and order: '
'"wanj ma" finds Mary Wanjiku; or whose customer_no or e-mail address begins with it. At most '
'p_limit (1 to 200), in order of the name from the rarest word on; none for a text without '
'letters and digits, or NULL. Runs under row security. Raises 22023 (p_limit), ZI002, ZI003, '
'ZI009, ZI010 (token).';
