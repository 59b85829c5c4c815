-- An account says itself whether postings to it must be looked at.
CREATE OR REPLACE FUNCTION ledger.watch_account()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.is_watched := ledger.needs_watching(NEW);
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION ledger.watch_account() IS
'Trigger (before insert or update of ledger.accounts, each row): sets is_watched, whatever is '
'given.';
