-- Keep accounts as they are until the transaction ends.
CREATE OR REPLACE FUNCTION ledger.keep_accounts(p_tenant_id integer, p_account_ids uuid[])
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM ledger.accounts AS a
    WHERE a.tenant_id = p_tenant_id AND a.id = ANY (p_account_ids)
    ORDER BY a.id
    FOR KEY SHARE;
END;
$$;
COMMENT ON FUNCTION ledger.keep_accounts(integer, uuid[]) IS
'Takes, in the order of their ids, the lock on accounts that inserting lines takes: nobody gives '
'them a limit or deactivates them meanwhile. Internal: for functions that have entered the tenant. '
'Raises 40001 when one was changed since the snapshot of a REPEATABLE READ transaction.';
