-- At commit: an entry that lines joined by themselves is what a posted entry must be.
CREATE OR REPLACE FUNCTION ledger.check_journal_line()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_entry ledger.journal_entries;
BEGIN
    -- At commit nobody's function is running: the row itself says whose books these are.
    PERFORM set_config('pgerp.tenant_id', NEW.tenant_id::text, true);
    SELECT e.* INTO v_entry
    FROM ledger.journal_entries AS e
    WHERE e.tenant_id = NEW.tenant_id AND e.id = NEW.entry_id;
    IF v_entry.posted_at IS NOT NULL THEN
        PERFORM ledger.require_open_period(v_entry);
        PERFORM ledger.require_sound_entry(v_entry);
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION ledger.check_journal_line() IS
'Constraint trigger of ledger.journal_lines (deferred): checks a posted entry again that lines '
'joined outside the posting functions. Raises what ledger.require_sound_entry raises, and ZL002 '
'(period not open).';
