CREATE OR REPLACE TRIGGER budget_revisions_guard
BEFORE INSERT OR UPDATE OR DELETE ON ledger.budget_revisions
FOR EACH ROW EXECUTE FUNCTION ledger.guard_budget_revision();
COMMENT ON TRIGGER budget_revisions_guard ON ledger.budget_revisions IS
'What is or was in force never changes.';

CREATE OR REPLACE TRIGGER budget_revisions_stamp
BEFORE INSERT OR UPDATE ON ledger.budget_revisions
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER budget_revisions_stamp ON ledger.budget_revisions IS
'Keeps created_* and last_modified_* true.';
