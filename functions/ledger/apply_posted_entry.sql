-- A draft becomes posted: its lines enter the balances.
CREATE OR REPLACE FUNCTION ledger.apply_posted_entry()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM ledger.apply_to_balances(NEW.tenant_id, ARRAY[NEW.id]);
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION ledger.apply_posted_entry() IS
'Trigger (after update of status from DRAFT to POSTED in ledger.journal_entries, each row): adds '
'its lines to the balances.';
