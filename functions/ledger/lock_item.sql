-- Lock the entry of an open item: one in the archive can still be settled.
CREATE OR REPLACE FUNCTION ledger.lock_item(p_tenant_id integer, p_entry_id uuid)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_allowed text := current_setting('pgerp.business_ids', true);
BEGIN
    PERFORM FROM ledger_archive.journal_entries AS e
    WHERE e.tenant_id = p_tenant_id
        AND e.id = p_entry_id
        AND (v_allowed = '*' OR v_allowed::jsonb @> to_jsonb(e.business_id))
    FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM ledger.lock_entry(p_tenant_id, p_entry_id);
    END IF;
END;
$$;
COMMENT ON FUNCTION ledger.lock_item(integer, uuid) IS
'Locks an entry, live or archived, until the transaction ends, for whoever matches its lines. '
'Internal: for functions that have entered the tenant. Raises ZL026 (no such entry, or of a '
'business that the token does not cover).';
