-- The posting functions write the lines of an entry together with it and add them to the balances
-- in one ordered statement; they say so in pgerp.posting. Lines that come any other way are
-- guarded, added and checked one by one.
CREATE OR REPLACE TRIGGER journal_lines_guard_insert
BEFORE INSERT ON ledger.journal_lines
FOR EACH ROW WHEN (current_setting('pgerp.posting', true) IS DISTINCT FROM 'function')
EXECUTE FUNCTION ledger.guard_journal_line();
COMMENT ON TRIGGER journal_lines_guard_insert ON ledger.journal_lines IS
'Lines join a draft, or an entry that this transaction posts.';

CREATE OR REPLACE TRIGGER journal_lines_guard_change
BEFORE UPDATE OR DELETE ON ledger.journal_lines
FOR EACH ROW EXECUTE FUNCTION ledger.guard_journal_line();
COMMENT ON TRIGGER journal_lines_guard_change ON ledger.journal_lines IS
'Lines of a posted entry never change.';

CREATE OR REPLACE TRIGGER journal_lines_apply
AFTER INSERT ON ledger.journal_lines
FOR EACH ROW WHEN (current_setting('pgerp.posting', true) IS DISTINCT FROM 'function')
EXECUTE FUNCTION ledger.apply_line_of_posted_entry();
COMMENT ON TRIGGER journal_lines_apply ON ledger.journal_lines IS
'A line of a posted entry enters the balances.';

DROP TRIGGER IF EXISTS journal_lines_check ON ledger.journal_lines;
CREATE CONSTRAINT TRIGGER journal_lines_check
AFTER INSERT ON ledger.journal_lines
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (current_setting('pgerp.posting', true) IS DISTINCT FROM 'function')
EXECUTE FUNCTION ledger.check_journal_line();
COMMENT ON TRIGGER journal_lines_check ON ledger.journal_lines IS
'An entry is checked again at commit when lines were added to it.';
