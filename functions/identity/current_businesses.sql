-- The businesses that the session's token names.
CREATE OR REPLACE FUNCTION identity.current_businesses()
RETURNS integer[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE
        WHEN jsonb_typeof(t.claims -> 'business') = 'array'
            THEN ARRAY(
                SELECT b.id::integer
                FROM jsonb_array_elements_text(t.claims -> 'business') AS b (id)
            )
    END
    FROM (SELECT identity.token_claims() AS claims) AS t;
$$;
COMMENT ON FUNCTION identity.current_businesses() IS
'The ids in the claim business of the verified token; NULL when it says "*" (all), or without a '
'token. Raises ZI002, ZI003.';
