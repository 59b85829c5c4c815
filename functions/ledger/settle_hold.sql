-- An entry that is held is going to be posted: its amounts are held no more.
CREATE OR REPLACE FUNCTION ledger.settle_hold(p_tenant_id integer, p_entry_id uuid)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM ledger.end_hold(p_tenant_id, p_entry_id, true);
END;
$$;
COMMENT ON FUNCTION ledger.settle_hold(integer, uuid) IS
'Ends the pending hold of an entry as posted; does nothing without one. Internal: for the '
'transaction that posts the entry, before its lines enter the balances. Raises ZL034 (expired).';
