CREATE OR REPLACE TRIGGER journal_entries_prepare
BEFORE INSERT OR UPDATE ON ledger.journal_entries
FOR EACH ROW EXECUTE FUNCTION ledger.prepare_journal_entry();
COMMENT ON TRIGGER journal_entries_prepare ON ledger.journal_entries IS
'Finds the period, refuses one that is not open, keeps posted entries as they are.';

CREATE OR REPLACE TRIGGER journal_entries_delete
BEFORE DELETE ON ledger.journal_entries
FOR EACH ROW EXECUTE FUNCTION ledger.guard_delete_of_entry();
COMMENT ON TRIGGER journal_entries_delete ON ledger.journal_entries IS 'Only drafts can go.';

CREATE OR REPLACE TRIGGER journal_entries_hold
BEFORE UPDATE ON ledger.journal_entries
FOR EACH ROW WHEN (OLD.status = 'DRAFT' AND NEW.status <> 'DRAFT')
EXECUTE FUNCTION ledger.guard_held_entry();
COMMENT ON TRIGGER journal_entries_hold ON ledger.journal_entries IS
'A held draft that is posted or voided holds nothing more; one that has expired is not posted.';

CREATE OR REPLACE TRIGGER journal_entries_hold_delete
BEFORE DELETE ON ledger.journal_entries
FOR EACH ROW EXECUTE FUNCTION ledger.guard_held_entry();
COMMENT ON TRIGGER journal_entries_hold_delete ON ledger.journal_entries IS
'A held draft cannot go.';

CREATE OR REPLACE TRIGGER journal_entries_date
AFTER UPDATE OF entry_date ON ledger.journal_entries
FOR EACH ROW WHEN (NEW.entry_date <> OLD.entry_date)
EXECUTE FUNCTION ledger.sync_draft_lines();
COMMENT ON TRIGGER journal_entries_date ON ledger.journal_entries IS
'The lines of a draft follow its date.';

CREATE OR REPLACE TRIGGER journal_entries_post
AFTER UPDATE ON ledger.journal_entries
FOR EACH ROW WHEN (OLD.status = 'DRAFT' AND NEW.status = 'POSTED')
EXECUTE FUNCTION ledger.apply_posted_entry();
COMMENT ON TRIGGER journal_entries_post ON ledger.journal_entries IS
'The lines of a draft that is posted enter the balances.';

-- ledger.insert_entries proves what it wrote all at once, before it ends, and says so in
-- pgerp.posting while it writes the headers. Every function that inserts headers sets that itself.
DROP TRIGGER IF EXISTS journal_entries_check ON ledger.journal_entries;
CREATE CONSTRAINT TRIGGER journal_entries_check
AFTER INSERT ON ledger.journal_entries
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (
    NEW.status = 'POSTED' AND current_setting('pgerp.posting', true) IS DISTINCT FROM 'proved'
)
EXECUTE FUNCTION ledger.check_journal_entry();
COMMENT ON TRIGGER journal_entries_check ON ledger.journal_entries IS
'At commit, a posted entry balances, in an open period, on accounts that take it.';

DROP TRIGGER IF EXISTS journal_entries_check_change ON ledger.journal_entries;
CREATE CONSTRAINT TRIGGER journal_entries_check_change
AFTER UPDATE ON ledger.journal_entries
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.status = 'POSTED')
EXECUTE FUNCTION ledger.check_journal_entry();
COMMENT ON TRIGGER journal_entries_check_change ON ledger.journal_entries IS
'The same for a draft that was posted, in whatever way.';
