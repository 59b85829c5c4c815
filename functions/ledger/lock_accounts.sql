-- Keep the accounts of entries as they are until the transaction ends.
CREATE OR REPLACE FUNCTION ledger.lock_accounts(p_tenant_id integer, p_entry_ids uuid[])
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM ledger.keep_accounts(p_tenant_id, ARRAY(
        SELECT l.account_id
        FROM ledger.journal_lines AS l
        WHERE l.tenant_id = p_tenant_id AND l.entry_id = ANY (p_entry_ids)
    ));
END;
$$;
COMMENT ON FUNCTION ledger.lock_accounts(integer, uuid[]) IS
'Takes the lock on the accounts of the given entries that inserting their lines took, for a '
'transaction that did not insert them: nobody gives such an account a limit meanwhile. Internal. '
'Raises 40001 when one was changed since the snapshot of a REPEATABLE READ transaction.';
