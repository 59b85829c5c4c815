CREATE OR REPLACE TRIGGER journal_lines_refuse
BEFORE INSERT OR UPDATE OR DELETE ON ledger_archive.journal_lines
FOR EACH ROW EXECUTE FUNCTION ledger.refuse_archive_change('ledger_archive.journal_lines');
COMMENT ON TRIGGER journal_lines_refuse ON ledger_archive.journal_lines IS
'The lines of archived entries never change.';
