-- Lock heads in the order of the key. Who locks balances too locks heads first.
CREATE OR REPLACE FUNCTION ledger.lock_heads(p_tenant_id integer, p_changes ledger.head_change[])
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO ledger.account_heads (tenant_id, account_id, business_id)
    SELECT
        p_tenant_id,
        c.account_id,
        c.business_id
    FROM unnest(p_changes) AS c
    WHERE NOT EXISTS (
        SELECT FROM ledger.account_heads AS h
        WHERE h.tenant_id = p_tenant_id
            AND h.account_id = c.account_id
            AND h.business_id = c.business_id
    )
    ORDER BY c.account_id, c.business_id
    ON CONFLICT (tenant_id, account_id, business_id) DO NOTHING;
    PERFORM FROM ledger.account_heads AS h
    INNER JOIN unnest(p_changes) AS c
        ON c.account_id = h.account_id AND c.business_id = h.business_id
    WHERE h.tenant_id = p_tenant_id
    ORDER BY h.account_id, h.business_id
    FOR UPDATE OF h;
END;
$$;
COMMENT ON FUNCTION ledger.lock_heads(integer, ledger.head_change[]) IS
'Locks the rows of ledger.account_heads that the changes name until the transaction ends, and '
'makes those that are missing. For accounts with a limit or a version only, which the '
'transaction keeps from changing by a key share lock. Internal.';
