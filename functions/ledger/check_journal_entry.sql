-- At commit: an entry that was posted is what a posted entry must be.
CREATE OR REPLACE FUNCTION ledger.check_journal_entry()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- At commit nobody's function is running: the row itself says whose books these are.
    PERFORM set_config('pgerp.tenant_id', NEW.tenant_id::text, true);
    -- What is posted does not change any more, so it is still as it was then.
    PERFORM ledger.require_sound_entry(NEW);
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION ledger.check_journal_entry() IS
'Constraint trigger of ledger.journal_entries (deferred): proves at commit what a posted entry '
'must be, whichever way it came. Raises what ledger.require_sound_entry raises. The period was '
'locked and checked when the entry was posted (ledger.prepare_journal_entry).';
