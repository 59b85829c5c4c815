-- At commit: an entry that was posted, or got lines, is what a posted entry must be.
CREATE OR REPLACE FUNCTION ledger.check_journal_entry()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_entry ledger.journal_entries;
BEGIN
    -- At commit nobody's function is running: the row itself says whose books these are.
    PERFORM set_config('pgerp.tenant_id', NEW.tenant_id::text, true);
    IF TG_ARGV[0] = 'ledger.journal_lines' THEN
        SELECT e.* INTO v_entry
        FROM ledger.journal_entries AS e
        WHERE e.tenant_id = NEW.tenant_id AND e.id = NEW.entry_id;
        IF v_entry.posted_at IS NULL THEN
            RETURN NULL;
        END IF;
        PERFORM ledger.require_open_period(v_entry);
    ELSE
        -- What is posted does not change any more, so it is still as it was then.
        v_entry := NEW;
    END IF;
    PERFORM ledger.require_sound_entry(v_entry);
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION ledger.check_journal_entry() IS
'Constraint trigger (deferred, argument: the table''s name): proves at commit what a posted '
'entry must be, whichever way it came. Raises what ledger.require_sound_entry raises, and for '
'lines that came by themselves ZL002 (period not open); for an entry that a function posted the '
'period was locked and checked then (ledger.prepare_journal_entry).';
