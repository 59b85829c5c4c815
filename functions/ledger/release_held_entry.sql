-- requires: identity.current_tenant
-- Second of two phases: give up an entry that is held.
CREATE OR REPLACE FUNCTION ledger.release_held_entry(
    p_entry_id uuid,
    p_reason text,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- The arrays are short: planning the statements anew for each call costs more than their work.
SET plan_cache_mode = 'force_generic_plan'
AS $$
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.post');
    PERFORM ledger.require_reason(p_reason);
    PERFORM ledger.lock_held_entry(p_tenant_id, p_entry_id);
    UPDATE ledger.journal_entries AS e
    SET status = 'VOIDED', void_reason = p_reason
    WHERE e.tenant_id = p_tenant_id AND e.id = p_entry_id;
END;
$$;
COMMENT ON FUNCTION ledger.release_held_entry(uuid, text, integer) IS
'Frees what an entry holds and makes it VOIDED; its lines stay to be read. Raises ZI001 to ZI004 '
'(token), ZL026 (no such entry), ZL027 (no reason), ZL034 (found expired before), ZL036 (not '
'held: never, posted or released).';
