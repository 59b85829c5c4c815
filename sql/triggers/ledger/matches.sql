CREATE OR REPLACE TRIGGER matches_guard
BEFORE INSERT OR UPDATE OR DELETE ON ledger.matches
FOR EACH ROW EXECUTE FUNCTION ledger.guard_match();
COMMENT ON TRIGGER matches_guard ON ledger.matches IS
'Only lines that belong together are matched, and never more than is open; undoing is all that '
'happens to a match.';

CREATE OR REPLACE TRIGGER matches_stamp
BEFORE INSERT OR UPDATE ON ledger.matches
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER matches_stamp ON ledger.matches IS 'Keeps created_* and last_modified_* true.';
