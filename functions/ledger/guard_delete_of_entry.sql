-- Only a draft can go, and its idempotency key with it.
CREATE OR REPLACE FUNCTION ledger.guard_delete_of_entry()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF OLD.status <> 'DRAFT' THEN
        RAISE EXCEPTION 'journal entry % is % and cannot be deleted',
            OLD.id, lower(OLD.status::text)
        USING ERRCODE = 'ZL006',
            HINT = 'Post a reversing entry instead.';
    END IF;
    DELETE FROM ledger.idempotency_keys AS k
    WHERE k.tenant_id = OLD.tenant_id AND k.entry_id = OLD.id;
    RETURN OLD;
END;
$$;
COMMENT ON FUNCTION ledger.guard_delete_of_entry() IS
'Trigger (before delete of ledger.journal_entries, each row): frees the idempotency key of the '
'draft that goes. Raises ZL006 unless the entry is a draft.';
