-- A line that comes after its posted header, in the same transaction, enters the balances at once.
CREATE OR REPLACE FUNCTION ledger.apply_line_of_posted_entry()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM ledger.apply_to_balances(NEW.tenant_id, ARRAY[NEW.entry_id], NEW.line_no);
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION ledger.apply_line_of_posted_entry() IS
'Trigger (after insert into ledger.journal_lines outside the posting functions, each row): adds '
'the line to the balances when its entry is posted.';
