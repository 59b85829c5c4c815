-- Customers by the number of an identity document, which is stored encrypted.
CREATE OR REPLACE FUNCTION party.find_customers_by_document(
    p_number_hashes text[],
    p_document_type text DEFAULT NULL
)
RETURNS TABLE (
    customer_id uuid,
    customer_no text,
    display_name text,
    kind party.customer_kind,
    status party.customer_status,
    email text,
    phone_encrypted text
)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
-- Nothing is sampled of the hashes: the planner expects thousands of rows, and would compile.
SET jit = 'off'
AS $$
    -- All of them first: told of the limit, the planner would expect to meet enough by and by.
    WITH known AS MATERIALIZED (
        SELECT DISTINCT
            d.tenant_id,
            d.customer_id
        FROM party.identity_documents AS d
        WHERE d.number_hash = ANY (p_number_hashes)
            AND (p_document_type IS NULL OR d.document_type = p_document_type)
    )

    SELECT
        c.id,
        c.customer_no::text,
        c.display_name::text,
        c.kind,
        c.status,
        c.email::text,
        c.phone_encrypted::text
    FROM (
        SELECT
            n.tenant_id,
            n.customer_id
        FROM known AS n
        ORDER BY n.customer_id
        LIMIT 200
    ) AS f
    CROSS JOIN LATERAL (
        -- One by one, whatever the planner expects.
        SELECT x.*
        FROM party.customers AS x
        WHERE x.tenant_id = f.tenant_id AND x.id = f.customer_id
        LIMIT 1
    ) AS c
    ORDER BY c.customer_no;
$$;
COMMENT ON FUNCTION party.find_customers_by_document(text[], text) IS
'Customers with an identity document of that number (and type, where one is given). '
'p_number_hashes: the keyed hashes of the number under every live key, which the application '
'makes. At most 200. Runs under row security. Raises ZI002, ZI003, ZI009, ZI010 (token).';
