CREATE OR REPLACE TRIGGER journal_entries_refuse
BEFORE INSERT OR UPDATE OR DELETE ON ledger_archive.journal_entries
FOR EACH ROW EXECUTE FUNCTION ledger.refuse_archive_change('ledger_archive.journal_entries');
COMMENT ON TRIGGER journal_entries_refuse ON ledger_archive.journal_entries IS
'Archived entries never change.';
