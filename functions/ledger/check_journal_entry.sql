-- At commit: an entry that was posted, or got lines, is what a posted entry must be.
CREATE OR REPLACE FUNCTION ledger.check_journal_entry()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_entry_id uuid;
BEGIN
    -- At commit nobody's function is running: the row itself says whose books these are.
    PERFORM set_config('pgerp.tenant_id', NEW.tenant_id::text, true);
    IF TG_ARGV[0] = 'ledger.journal_lines' THEN
        v_entry_id := NEW.entry_id;
    ELSE
        v_entry_id := NEW.id;
    END IF;
    PERFORM ledger.require_sound_entry(NEW.tenant_id, v_entry_id);
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION ledger.check_journal_entry() IS
'Constraint trigger (deferred, argument: the table''s name): proves at commit what a posted '
'entry must be, whichever way it came. Raises what ledger.require_sound_entry raises.';
