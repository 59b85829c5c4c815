-- without: finance
-- At commit: an entry has all its lines by then, whichever way it came.
DROP TRIGGER IF EXISTS journal_entries_emit ON ledger.journal_entries;
CREATE CONSTRAINT TRIGGER journal_entries_emit
AFTER INSERT ON ledger.journal_entries
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.status = 'POSTED')
EXECUTE FUNCTION ledger.emit_entry();
COMMENT ON TRIGGER journal_entries_emit ON ledger.journal_entries IS
'Finance, in another database, knows what was posted.';

DROP TRIGGER IF EXISTS journal_entries_emit_change ON ledger.journal_entries;
CREATE CONSTRAINT TRIGGER journal_entries_emit_change
AFTER UPDATE ON ledger.journal_entries
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (OLD.status = 'DRAFT' AND NEW.status = 'POSTED')
EXECUTE FUNCTION ledger.emit_entry();
COMMENT ON TRIGGER journal_entries_emit_change ON ledger.journal_entries IS
'The same for a draft that is posted.';
