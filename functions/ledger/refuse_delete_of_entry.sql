-- Only a draft can go.
CREATE OR REPLACE FUNCTION ledger.refuse_delete_of_entry()
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
    RETURN OLD;
END;
$$;
COMMENT ON FUNCTION ledger.refuse_delete_of_entry() IS
'Trigger (before delete of ledger.journal_entries, each row). Raises ZL006 unless the entry is a '
'draft.';
