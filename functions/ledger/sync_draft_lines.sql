-- A draft that gets another date takes its lines along.
CREATE OR REPLACE FUNCTION ledger.sync_draft_lines()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE ledger.journal_lines AS l
    SET entry_date = NEW.entry_date
    WHERE l.tenant_id = NEW.tenant_id AND l.entry_id = NEW.id AND l.entry_date <> NEW.entry_date;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION ledger.sync_draft_lines() IS
'Trigger (after update of entry_date of a draft in ledger.journal_entries, each row): gives the '
'lines the same date.';
