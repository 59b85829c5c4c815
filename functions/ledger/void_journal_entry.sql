-- requires: identity.current_tenant
-- Abandon a draft, or undo a posted entry on its own date.
CREATE OR REPLACE FUNCTION ledger.void_journal_entry(
    p_entry_id uuid,
    p_reason text,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_entry ledger.journal_entries;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.reverse');
    v_entry := ledger.lock_entry(p_tenant_id, p_entry_id);
    IF v_entry.status = 'DRAFT' THEN
        PERFORM ledger.require_reason(p_reason);
        UPDATE ledger.journal_entries AS e
        SET status = 'VOIDED', void_reason = p_reason
        WHERE e.tenant_id = p_tenant_id AND e.id = p_entry_id;
    ELSE
        PERFORM ledger.reverse_entry(p_tenant_id, p_entry_id, p_reason, v_entry.entry_date);
    END IF;
END;
$$;
COMMENT ON FUNCTION ledger.void_journal_entry(uuid, text, integer) IS
'Makes an entry VOIDED: a draft is abandoned, its lines stay to be read; a posted entry is '
'reversed on its own date, so that its period is as if it had not been. The reason is kept. '
'Raises ZI001 to ZI004 (token), ZL002 (its period is not open: use ledger.reverse_journal_entry), '
'ZL010 (an account was deactivated since), ZL023 (voided before), ZL026 (no such entry), ZL027 '
'(no reason).';
