-- requires: identity.current_tenant
-- Change the date, description or reference of a draft.
CREATE OR REPLACE FUNCTION ledger.change_draft(
    p_entry_id uuid,
    p_entry_date date DEFAULT NULL,
    p_description text DEFAULT NULL,
    p_reference text DEFAULT NULL,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.post');
    PERFORM ledger.lock_draft(p_tenant_id, p_entry_id);
    UPDATE ledger.journal_entries AS e
    SET entry_date = coalesce(p_entry_date, e.entry_date),
        description = coalesce(p_description, e.description),
        reference = coalesce(p_reference, e.reference)
    WHERE e.tenant_id = p_tenant_id AND e.id = p_entry_id;
END;
$$;
COMMENT ON FUNCTION ledger.change_draft(uuid, date, text, text, integer) IS
'Changes what is given (not NULL) of a draft; its lines follow its date. Raises ZI001 to ZI004 '
'(token), ZL003 (no period has the date), ZL022 (not a draft), ZL026 (no such entry), 23514 (text '
'too long).';
