-- The root of a Merkle tree over leaves, as RFC 6962 defines it.
CREATE OR REPLACE FUNCTION core.merkle_root(p_leaves bytea[])
RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_nodes bytea[] := p_leaves;
BEGIN
    IF cardinality(v_nodes) = 0 THEN
        RETURN sha256(''::bytea);
    END IF;
    -- Level by level: two neighbours make a node, one without neighbour goes up as it is.
    WHILE cardinality(v_nodes) > 1 LOOP
        v_nodes := ARRAY(
            SELECT
                CASE
                    WHEN p.right_node IS NULL THEN p.left_node
                    ELSE sha256(decode('01', 'hex') || p.left_node || p.right_node)
                END
            FROM (
                SELECT
                    n.node AS left_node,
                    lead(n.node) OVER (ORDER BY n.place) AS right_node,
                    n.place
                FROM unnest(v_nodes) WITH ORDINALITY AS n (node, place)
            ) AS p
            WHERE p.place % 2 = 1
            ORDER BY p.place
        );
    END LOOP;
    RETURN v_nodes[1];
END;
$$;
COMMENT ON FUNCTION core.merkle_root(bytea[]) IS
'The Merkle tree hash (RFC 6962, section 2.1, SHA-256) over leaf hashes that are already made with '
'the prefix 0x00, in order. Internal.';
