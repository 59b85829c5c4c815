CREATE OR REPLACE TRIGGER budget_lines_guard
BEFORE INSERT OR UPDATE OR DELETE ON ledger.budget_lines
FOR EACH ROW EXECUTE FUNCTION ledger.guard_budget_revision();
COMMENT ON TRIGGER budget_lines_guard ON ledger.budget_lines IS
'What is or was in force never changes.';
