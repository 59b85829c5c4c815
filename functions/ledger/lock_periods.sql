-- Lock the periods of drafts, as posting them will, before anything that comes later in its order.
CREATE OR REPLACE FUNCTION ledger.lock_periods(p_tenant_id integer, p_entry_ids uuid[])
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM ledger.keep_periods(p_tenant_id, ARRAY(
        SELECT e.period_id
        FROM ledger.journal_entries AS e
        WHERE e.tenant_id = p_tenant_id AND e.id = ANY (p_entry_ids)
    ));
END;
$$;
COMMENT ON FUNCTION ledger.lock_periods(integer, uuid[]) IS
'Keeps the periods of the given entries from being closed until the transaction ends. Every '
'posting locks its period first, then accounts, heads and balances; who has to lock those before '
'the entry is written calls this. Internal: for functions that have entered the tenant.';
