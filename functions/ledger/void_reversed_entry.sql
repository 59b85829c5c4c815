-- What has been reversed says so.
CREATE OR REPLACE FUNCTION ledger.void_reversed_entry()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE ledger.journal_entries AS e
    SET status = 'VOIDED', void_reason = NEW.reason
    WHERE e.tenant_id = NEW.tenant_id AND e.id = NEW.entry_id;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION ledger.void_reversed_entry() IS
'Trigger (after insert into ledger.reversals, each row): the entry that was reversed becomes '
'VOIDED, with the same reason.';
