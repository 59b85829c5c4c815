-- A held draft ends its hold when it is posted or voided, by whatever path, and cannot go.
CREATE OR REPLACE FUNCTION ledger.guard_held_entry()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        PERFORM ledger.end_hold(OLD.tenant_id, OLD.id, NEW.status = 'POSTED');
        RETURN NEW;
    END IF;
    IF EXISTS (
        SELECT FROM ledger.holds AS h
        WHERE h.tenant_id = OLD.tenant_id AND h.entry_id = OLD.id AND h.state = 'pending'
    ) THEN
        RAISE EXCEPTION 'journal entry % is held and cannot be deleted', OLD.id
        USING ERRCODE = 'ZL035',
            HINT = 'Release it with ledger.release_held_entry.';
    END IF;
    RETURN OLD;
END;
$$;
COMMENT ON FUNCTION ledger.guard_held_entry() IS
'Trigger (before update of a draft to another status, or delete, of ledger.journal_entries, each '
'row): ends the hold of the entry. Raises ZL034 (would be posted, but the hold has expired), '
'ZL035 (would be deleted while held).';
