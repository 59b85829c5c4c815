-- Where each account stands in the tree. Level by level, since queries here do not recur.
CREATE OR REPLACE FUNCTION ledger.account_tree()
RETURNS SETOF ledger.account_node
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_nodes ledger.account_node[];
    v_level integer := 1;
BEGIN
    SELECT array_agg(
        ROW(
            a.tenant_id, a.id, v_level, ARRAY[a.code::text], ARRAY[a.id]
        )::ledger.account_node
    )
    INTO v_nodes
    FROM ledger.accounts AS a
    WHERE a.parent_id IS NULL;
    WHILE v_nodes IS NOT NULL LOOP
        RETURN QUERY
        SELECT n.*
        FROM unnest(v_nodes) AS n;
        v_level := v_level + 1;
        SELECT array_agg(
            ROW(
                a.tenant_id, a.id, v_level, n.path || a.code::text, n.lineage || a.id
            )::ledger.account_node
        )
        INTO v_nodes
        FROM unnest(v_nodes) AS n
        INNER JOIN ledger.accounts AS a
            ON a.tenant_id = n.tenant_id AND a.parent_id = n.account_id;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION ledger.account_tree() IS
'Every account that the caller may see with its level (1: a root), the codes from its root down to '
'itself (path) and the ids (lineage).';
