-- The names order the triggers of one event: guard before stamp.
CREATE OR REPLACE TRIGGER budgets_guard
BEFORE INSERT OR UPDATE OR DELETE ON ledger.budgets
FOR EACH ROW EXECUTE FUNCTION ledger.guard_budget();
COMMENT ON TRIGGER budgets_guard ON ledger.budgets IS
'Revisions come into force in turn and when they are sound; what they were made for is fixed.';

CREATE OR REPLACE TRIGGER budgets_stamp
BEFORE INSERT OR UPDATE ON ledger.budgets
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER budgets_stamp ON ledger.budgets IS 'Keeps created_* and last_modified_* true.';

CREATE OR REPLACE TRIGGER budgets_watch
AFTER UPDATE ON ledger.budgets
FOR EACH ROW WHEN (
    (NEW.status, NEW.policy, NEW.current_revision)
    IS DISTINCT FROM (OLD.status, OLD.policy, OLD.current_revision)
)
EXECUTE FUNCTION ledger.watch_budgeted_accounts();
COMMENT ON TRIGGER budgets_watch ON ledger.budgets IS
'Postings to the accounts of a budget that warns or stops are judged.';
