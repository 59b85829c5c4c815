-- Accounts with all that hang below them in the chart.
CREATE OR REPLACE FUNCTION ledger.accounts_below(p_tenant_id integer, p_account_ids uuid[])
RETURNS TABLE (root_id uuid, account_id uuid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_roots uuid[] := p_account_ids;
    v_accounts uuid[] := p_account_ids;
BEGIN
    -- Level by level; no chart is a hundred deep, so that even a loop in a damaged one ends.
    FOR v_level IN 1..100 LOOP
        EXIT WHEN coalesce(cardinality(v_accounts), 0) = 0;
        RETURN QUERY
        SELECT
            f.root_id,
            f.account_id
        FROM unnest(v_roots, v_accounts) AS f (root_id, account_id);
        SELECT
            array_agg(f.root_id),
            array_agg(a.id)
        INTO v_roots, v_accounts
        FROM unnest(v_roots, v_accounts) AS f (root_id, account_id)
        INNER JOIN ledger.accounts AS a
            ON a.tenant_id = p_tenant_id AND a.parent_id = f.account_id;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION ledger.accounts_below(integer, uuid[]) IS
'Each of the given accounts (root_id) with itself and every account below it, at any depth, as '
'far as the caller sees them.';
