CREATE OR REPLACE TRIGGER posting_rule_lines_guard
BEFORE INSERT OR UPDATE OR DELETE ON ledger.posting_rule_lines
FOR EACH ROW EXECUTE FUNCTION ledger.guard_posting_rule_revision();
COMMENT ON TRIGGER posting_rule_lines_guard ON ledger.posting_rule_lines IS
'What is or was in force never changes.';
