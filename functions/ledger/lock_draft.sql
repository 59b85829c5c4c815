-- A draft by its id, locked, for those who change or post it.
CREATE OR REPLACE FUNCTION ledger.lock_draft(p_tenant_id integer, p_entry_id uuid)
RETURNS ledger.journal_entries
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_entry ledger.journal_entries := ledger.lock_entry(p_tenant_id, p_entry_id);
BEGIN
    IF v_entry.status <> 'DRAFT' THEN
        RAISE EXCEPTION 'journal entry % is %, not a draft',
            p_entry_id, lower(v_entry.status::text)
        USING ERRCODE = 'ZL022',
            HINT = 'Only a draft can be changed or posted; what is posted can be reversed.';
    END IF;
    RETURN v_entry;
END;
$$;
COMMENT ON FUNCTION ledger.lock_draft(integer, uuid) IS
'The draft, locked until the transaction ends. Internal: for functions that have entered the '
'tenant. Raises ZL022 (not a draft), ZL026 (no such entry, or not covered by the token).';
