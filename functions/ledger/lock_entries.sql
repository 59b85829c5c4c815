-- Lock entries, archived ones too, in the order of their ids.
CREATE OR REPLACE FUNCTION ledger.lock_entries(p_tenant_id integer, p_entry_ids uuid[])
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- What is archived was made before what is not.
    PERFORM FROM ledger_archive.journal_entries AS e
    WHERE e.tenant_id = p_tenant_id AND e.id = ANY (p_entry_ids)
    ORDER BY e.id
    FOR UPDATE;
    PERFORM FROM ledger.journal_entries AS e
    WHERE e.tenant_id = p_tenant_id AND e.id = ANY (p_entry_ids)
    ORDER BY e.id
    FOR UPDATE;
END;
$$;
COMMENT ON FUNCTION ledger.lock_entries(integer, uuid[]) IS
'Locks the entries with the given ids, live or archived, until the transaction ends: whoever '
'matches their lines waits. Internal: for functions that have entered the tenant.';
