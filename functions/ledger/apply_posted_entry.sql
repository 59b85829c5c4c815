-- A draft becomes posted: its lines enter the balances.
CREATE OR REPLACE FUNCTION ledger.apply_posted_entry()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Its lines were written by another transaction, whose locks on the accounts are gone.
    PERFORM ledger.lock_accounts(NEW.tenant_id, ARRAY[NEW.id]);
    PERFORM ledger.apply_to_balances(NEW.tenant_id, ARRAY[NEW.id]);
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION ledger.apply_posted_entry() IS
'Trigger (after update of status from DRAFT to POSTED in ledger.journal_entries, each row): '
'locks the accounts of its lines against changes and adds the lines to the balances.';
